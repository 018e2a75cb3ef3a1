import { describe, expect, it } from 'vitest';
import { decide, decided, parseGrant, type Grant, type Standing } from '../../../src/origin/grant';
import { siteDocument } from '../../support/fakes/site-documents';

const { site } = siteDocument();
const publicServer = { label: '0.peerjs.com', isPrivate: false };
const privateServer = { label: '192.168.1.20:9000', isPrivate: true };

function makeGrant(grant: Partial<Grant> = {}): Grant {
  return { decision: 'allow', servers: [], decidedAt: 1, ...grant };
}

function makeStanding(standing: Partial<Standing> = {}): Standing {
  return { grant: undefined, onceServers: undefined, ...standing };
}

describe('decide', () => {
  it('asks about a site it knows nothing of', () => {
    expect(decide(makeStanding(), site, publicServer)).toBe('ask');
  });

  it('follows a lasting decision', () => {
    expect(decide(makeStanding({ grant: makeGrant() }), site, publicServer)).toBe('allow');
    expect(decide(makeStanding({ grant: makeGrant({ decision: 'block' }) }), site, publicServer)).toBe('block');
  });

  it('follows a permission for this time', () => {
    expect(decide(makeStanding({ onceServers: [] }), site, publicServer)).toBe('allow');
  });

  it('lets a block outweigh a permission for this time', () => {
    const standing = makeStanding({ grant: makeGrant({ decision: 'block' }), onceServers: [] });
    expect(decide(standing, site, publicServer)).toBe('block');
  });

  it('asks an allowed site again about a private server', () => {
    expect(decide(makeStanding({ grant: makeGrant() }), site, privateServer)).toBe('ask');
  });

  it('asks no more about a private server that was named and allowed', () => {
    const grant = makeGrant({ servers: [privateServer.label] });
    expect(decide(makeStanding({ grant }), site, privateServer)).toBe('allow');
    expect(decide(makeStanding({ grant: makeGrant(), onceServers: [privateServer.label] }), site, privateServer)).toBe(
      'allow',
    );
  });

  it('asks about another port of an allowed private server', () => {
    const grant = makeGrant({ servers: ['192.168.1.20:1'] });
    expect(decide(makeStanding({ grant }), site, privateServer)).toBe('ask');
  });

  it('lets pages of private addresses use private servers', () => {
    const local = siteDocument({ origin: 'http://localhost:8080' }).site;
    expect(decide(makeStanding({ grant: makeGrant() }), local, privateServer)).toBe('allow');
    expect(decide(makeStanding(), local, privateServer)).toBe('ask');
  });
});

describe('decided', () => {
  it('adds a private server to those allowed before', () => {
    const former = makeGrant({ servers: ['localhost:1'] });
    expect(decided(former, 'allow', privateServer, 5)).toEqual({
      decision: 'allow',
      servers: ['localhost:1', privateServer.label],
      decidedAt: 5,
    });
  });

  it('keeps no label of a public server', () => {
    expect(decided(undefined, 'allow', publicServer, 5).servers).toEqual([]);
  });

  it('forgets the servers of a blocked site', () => {
    expect(decided(makeGrant({ servers: ['localhost:1'] }), 'block', publicServer, 5).servers).toEqual([]);
  });
});

describe('parseGrant', () => {
  it('takes a damaged record for none', () => {
    expect(parseGrant(undefined)).toBeUndefined();
    expect(parseGrant({ decision: 'maybe' })).toBeUndefined();
  });

  it('completes a record without servers', () => {
    expect(parseGrant({ decision: 'allow' })).toEqual({ decision: 'allow', servers: [], decidedAt: 0 });
  });
});
