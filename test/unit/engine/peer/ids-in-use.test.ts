import { describe, expect, it } from 'vitest';
import { IdsInUse } from '../../../../src/engine/peer/ids-in-use';
import { siteDocument, type DocumentOptions } from '../../../support/fakes/site-documents';

const SERVER = 'wss://one.example:443/peerjs?key=peerjs';
const { site: SITE } = siteDocument();
const OTHER = 'wss://two.example:443/peerjs?key=peerjs';

describe('IdsInUse', () => {
  it('gives an ID to one owner at a time', () => {
    const ids = new IdsInUse();
    expect(ids.claim(SITE, SERVER, 'id', {})).toBe(true);
    expect(ids.claim(SITE, SERVER, 'id', {})).toBe(false);
  });

  it('lets an owner claim its own ID again', () => {
    const ids = new IdsInUse();
    const owner = {};
    ids.claim(SITE, SERVER, 'id', owner);
    expect(ids.claim(SITE, SERVER, 'id', owner)).toBe(true);
  });

  // Otherwise a site could find out which IDs another site has in this browser, unseen by the server.
  it.each<[string, DocumentOptions]>([
    ['another origin', { origin: 'https://other.example' }],
    ['the same site embedded in another', { topOrigin: 'https://around.example' }],
    ['a private window', { isPrivate: true }],
    ['a container', { container: 'firefox-container-1' }],
  ])('leaves it to the server whether %s may have an ID that is alive here', (_, options) => {
    const ids = new IdsInUse();
    const { site } = siteDocument(options);
    expect([ids.claim(SITE, SERVER, 'id', {}), ids.claim(site, SERVER, 'id', {})]).toEqual([true, true]);
    expect(ids.claim(site, SERVER, 'id', {})).toBe(false);
  });

  it('keeps the IDs of different servers apart', () => {
    const ids = new IdsInUse();
    ids.claim(SITE, SERVER, 'id', {});
    expect(ids.claim(SITE, OTHER, 'id', {})).toBe(true);
  });

  it('frees an ID for others when its owner releases it', () => {
    const ids = new IdsInUse();
    const owner = {};
    ids.claim(SITE, SERVER, 'id', owner);
    ids.release(SITE, SERVER, 'id', owner);
    expect(ids.claim(SITE, SERVER, 'id', {})).toBe(true);
  });

  it('ignores a release by another owner', () => {
    const ids = new IdsInUse();
    ids.claim(SITE, SERVER, 'id', {});
    ids.release(SITE, SERVER, 'id', {});
    expect(ids.claim(SITE, SERVER, 'id', {})).toBe(false);
  });
});
