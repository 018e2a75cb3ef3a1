// Requests that delete, renew or transfer what is stored.
import { describe, expect, it } from 'vitest';
import type { IdentityBook } from '../../../src/sites/identities/identity-book';
import { CONDITIONS } from '../../support/fakes/hosted-world';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';
import { grant, makeBackground } from '../../support/fakes/ui-background';

const TOP = 'https://news.example';
const to = 'background' as const;
const site = { origin: ORIGIN };
const isPrivate = false;
const SENTENCE = expect.any(String) as string;

describe('ui.forgetSite', () => {
  it('ends the connections even if the site would be allowed by default', async () => {
    const { background, ui, attach } = makeBackground({
      policy: { defaultDecision: 'allow' },
      [`grant:${ORIGIN}`]: grant('allow'),
      [`identity:${ORIGIN}`]: { anonymous: [{ id: 'a', secret: 's' }], named: [] },
      [`settings:${ORIGIN}`]: { keepId: false },
    });
    attach(siteDocument());
    attach(siteDocument({ isPrivate: true }));
    await ui['ui.forgetSite']({ to, type: 'ui.forgetSite', site, isPrivate });
    expect(Object.keys(background.local.records)).toEqual(['policy', 'log']);
    expect(background.verdicts[0]).toMatchObject([{ revoked: SENTENCE }, { conditions: CONDITIONS }]);
  });

  it('forgets the IDs of an embedded site, and keeps those of the origin', async () => {
    const { background, ui } = makeBackground({
      [`grant:${ORIGIN} ${TOP}`]: grant('allow'),
      [`identity:${ORIGIN} ${TOP}`]: { anonymous: [{ id: 'embedded', secret: 's' }], named: [] },
      [`identity:${ORIGIN}`]: { anonymous: [{ id: 'own', secret: 's' }], named: [] },
      [`settings:${ORIGIN}`]: { keepId: false },
    });
    await ui['ui.forgetSite']({ to, type: 'ui.forgetSite', site: { ...site, topOrigin: TOP }, isPrivate });
    expect(Object.keys(background.local.records)).toEqual([`identity:${ORIGIN}`, `settings:${ORIGIN}`, 'log']);
  });
});

describe('ui.forgetIdentity', () => {
  it('forgets one ID, makes it available, and ends the Peers that have it', async () => {
    const a = { id: 'a', secret: 'sa' };
    const b = { id: 'b', secret: 'sb' };
    const { background, ui, attach } = makeBackground({
      [`grant:${ORIGIN}`]: grant('allow'),
      [`identity:${ORIGIN}`]: { anonymous: [a, b], named: [] },
    });
    await background.ledger.lease(siteDocument(), a, false, { tabId: 1, tabOrigin: ORIGIN });
    attach(siteDocument(), ['a']);
    attach(siteDocument(), ['b']);
    await ui['ui.forgetIdentity']({ to, type: 'ui.forgetIdentity', site, id: 'a' });
    expect(background.local.records[`identity:${ORIGIN}`]).toEqual({ anonymous: [b], named: [] });
    expect(background.session.records).toMatchObject({ 'tab:1': { leases: { [ORIGIN]: [] } } });
    expect(background.verdicts[0]).toMatchObject([{ revoked: SENTENCE }, { conditions: CONDITIONS }]);
  });

  it('does not affect the IDs and Peers of the origin’s own pages when it forgets an embedded site’s ID', async () => {
    const book = { anonymous: [{ id: 'a', secret: 'sa' }], named: [] };
    const { background, ui, attach } = makeBackground({
      [`grant:${ORIGIN}`]: grant('allow'),
      [`grant:${ORIGIN} ${TOP}`]: grant('allow'),
      [`identity:${ORIGIN}`]: book,
      [`identity:${ORIGIN} ${TOP}`]: book,
    });
    attach(siteDocument(), ['a']);
    attach(siteDocument({ topOrigin: TOP }), ['a']);
    await ui['ui.forgetIdentity']({ to, type: 'ui.forgetIdentity', site: { ...site, topOrigin: TOP }, id: 'a' });
    expect(background.local.records[`identity:${ORIGIN}`]).toEqual(book);
    expect(background.local.records).not.toHaveProperty([`identity:${ORIGIN} ${TOP}`]);
    expect(background.verdicts[0]).toMatchObject([{ conditions: CONDITIONS }, { revoked: SENTENCE }]);
    expect((await ui['ui.log']())[0]).toEqual({ origin: ORIGIN, topOrigin: TOP, at: 42, what: 'changed' });
  });
});

describe('ui.resetIdentity', () => {
  it('replaces an ID with a new one, and ends the Peers that have it', async () => {
    const [a, b] = [
      { id: 'a', secret: 'sa' },
      { id: 'b', secret: 'sb' },
    ];
    const { background, ui, attach } = makeBackground({
      [`grant:${ORIGIN}`]: grant('allow'),
      [`identity:${ORIGIN}`]: { anonymous: [a, b], named: [a] },
    });
    await background.ledger.lease(siteDocument(), a, false, { tabId: 1, tabOrigin: ORIGIN });
    attach(siteDocument(), ['a']);
    attach(siteDocument(), ['b']);
    await ui['ui.resetIdentity']({ to, type: 'ui.resetIdentity', site, id: 'a' });
    const book = background.local.records[`identity:${ORIGIN}`] as IdentityBook;
    // An ID that the page chose stays saved: the page would choose it again.
    expect(book).toEqual({ anonymous: [expect.anything(), b], named: [a] });
    expect(book.anonymous[0]!.id).not.toBe('a');
    expect(book.anonymous[0]!.secret).not.toBe('sa');
    expect(background.session.records).toMatchObject({ 'tab:1': { leases: { [ORIGIN]: [] } } });
    expect(background.verdicts[0]).toMatchObject([{ revoked: SENTENCE }, { conditions: CONDITIONS }]);
  });
});

describe('ui.erase', () => {
  it('deletes everything, and ends all connections', async () => {
    const { background, ui, attach } = makeBackground({ [`grant:${ORIGIN}`]: grant('allow'), policy: {}, log: [] });
    await background.ledger.tabs.allowOnce(siteDocument().site, [{ tabId: 1, tabOrigin: ORIGIN }]);
    attach(siteDocument());
    attach(siteDocument({ isPrivate: true, tabId: 2 }));
    await ui['ui.erase']();
    expect([background.local.records, background.session.records]).toEqual([{}, {}]);
    expect(background.verdicts[0]).toMatchObject([{ revoked: SENTENCE }, { revoked: SENTENCE }]);
  });
});

describe('ui.export and ui.import', () => {
  it('transfer everything from one browser to another, including withdrawn permissions', async () => {
    const from = makeBackground({
      [`grant:${ORIGIN}`]: grant('block'),
      [`identity:${ORIGIN}`]: { anonymous: [{ id: 'a', secret: '0'.repeat(32) }], named: [] },
    });
    const text = await from.ui['ui.export']();
    const { background, ui, attach } = makeBackground({ [`grant:${ORIGIN}`]: grant('allow') });
    attach(siteDocument());
    expect(await ui['ui.import']({ to, type: 'ui.import', text })).toEqual({});
    expect(background.local.records).toMatchObject(from.background.local.records);
    expect(background.verdicts).toMatchObject([[{ revoked: SENTENCE }]]);
  });

  it('have a preview that changes nothing and closes no connection', async () => {
    const text = await makeBackground({ [`grant:${ORIGIN}`]: grant('allow') }).ui['ui.export']();
    const { background, ui, attach } = makeBackground();
    attach(siteDocument());
    expect(await ui['ui.previewImport']({ to, type: 'ui.previewImport', text })).toEqual({
      summary: { changedSites: 1, notes: [{ what: 'sites-allowed', items: [{ site }] }] },
    });
    expect(background.local.records).toEqual({});
    expect(background.verdicts).toEqual([]);
  });

  it('change nothing if the file is invalid', async () => {
    const { background, ui } = makeBackground();
    expect(await ui['ui.import']({ to, type: 'ui.import', text: '{}' })).toHaveProperty('problem');
    expect(background.local.records).toEqual({});
    expect(background.verdicts).toEqual([]);
  });
});
