import { describe, expect, it } from 'vitest';
import { nameServer } from '../../../src/sites/servers/named-server';
import { SiteLedger } from '../../../src/sites/site-ledger';
import { WriteQueue } from '../../../src/sites/records/write-queue';
import type { Identity, SiteDocument } from '../../../src/protocol/control-messages';
import { CLOUD_SERVER } from '../../../src/protocol/peer-server';
import { MemoryStore } from '../../support/fakes/memory-store';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';

const server = nameServer(CLOUD_SERVER);
const a: Identity = { id: 'a', secret: 'secret of a' };
const b: Identity = { id: 'b', secret: 'secret of b' };

function makeLedger() {
  const local = new MemoryStore();
  const session = new MemoryStore();
  const managed = new MemoryStore();
  const ledger = new SiteLedger({ local, session, managed }, () => 42, new WriteQueue());
  /** The IDs for a Peer that requests none. */
  async function freeIds(document: SiteDocument): Promise<string[]> {
    const view = await ledger.view(document);
    return ledger.identities(view, {}).map(({ id }) => id);
  }
  return { ledger, local, session, managed, freeIds };
}

function shown(tabId: number, tabOrigin = ORIGIN) {
  return { tabId, tabOrigin };
}

describe('site ledger: decisions', () => {
  it('stores a lasting decision by origin', async () => {
    const { ledger, local } = makeLedger();
    const document = siteDocument();
    await ledger.decide(document.site, 'allow', server);
    expect(local.records).toEqual({ [`grant:${ORIGIN}`]: { decision: 'allow', servers: [], decidedAt: 42 } });
    expect((await ledger.view(document)).grant?.decision).toBe('allow');
  });

  it('keeps a decision about a private window out of the lasting store, until the last one closes', async () => {
    const { ledger, local } = makeLedger();
    const document = siteDocument({ isPrivate: true });
    await ledger.decide(document.site, 'allow', server);
    expect(local.records).toEqual({});
    expect((await ledger.view(document)).grant?.decision).toBe('allow');
    expect((await ledger.view(siteDocument())).grant).toBeUndefined();
    await ledger.tabs.forgetPrivate();
    expect((await ledger.view(document)).grant).toBeUndefined();
  });

  it('allows a site for this time only in the tabs that asked', async () => {
    const { ledger, local } = makeLedger();
    await ledger.tabs.allowOnce(siteDocument().site, [shown(1), shown(2)], server);
    expect((await ledger.view(siteDocument({ tabId: 1 }))).onceServers).toEqual([]);
    expect((await ledger.view(siteDocument({ tabId: 2 }))).onceServers).toEqual([]);
    expect((await ledger.view(siteDocument({ tabId: 3 }))).onceServers).toBeUndefined();
    expect(local.records).toEqual({});
  });

  it('ends a permission for this time when the tab leaves the origin', async () => {
    const { ledger } = makeLedger();
    await ledger.tabs.allowOnce(siteDocument().site, [shown(1)], server);
    await ledger.tabs.tabShows(1, ORIGIN);
    expect((await ledger.view(siteDocument())).onceServers).toEqual([]);
    await ledger.tabs.tabShows(1, 'https://elsewhere.example');
    expect((await ledger.view(siteDocument())).onceServers).toBeUndefined();
    expect(await ledger.tabs.hasPassing()).toBe(false);
  });

  it('ends the permission of an embedded site with the page around it', async () => {
    const { ledger } = makeLedger();
    const frame = siteDocument({ topOrigin: 'https://news.example' });
    await ledger.tabs.allowOnce(frame.site, [shown(1, 'https://news.example')], server);
    await ledger.tabs.tabShows(1, ORIGIN);
    expect((await ledger.view(frame)).onceServers).toBeUndefined();
  });
});

describe('site ledger: connections without a page', () => {
  const keepsConnections = async ({ ledger }: ReturnType<typeof makeLedger>) =>
    ledger.conditions(await ledger.view(siteDocument())).keepsConnections;

  it('are kept only for sites where the user allows it', async () => {
    const made = makeLedger();
    expect(await keepsConnections(made)).toBeUndefined();
    await made.ledger.changeSettings(siteDocument().site, { keepConnections: true });
    expect(await keepsConnections(made)).toBe(true);
  });

  it('are not kept for a site that gets a new ID each time', async () => {
    const made = makeLedger();
    await made.ledger.changeSettings(siteDocument().site, { keepConnections: true, keepId: false });
    expect(await keepsConnections(made)).toBeUndefined();
  });
});

describe('site ledger: identities', () => {
  it('gives a reloaded tab its former IDs, and another tab free ones', async () => {
    const { ledger, freeIds } = makeLedger();
    await ledger.lease(siteDocument({ tabId: 1 }), a, false, shown(1));
    await ledger.lease(siteDocument({ tabId: 2 }), b, false, shown(2));
    expect(await freeIds(siteDocument({ tabId: 1 }))).toEqual(['a']);
    expect(await freeIds(siteDocument({ tabId: 2 }))).toEqual(['b']);
    expect(await freeIds(siteDocument({ tabId: 3 }))).toEqual([]);
  });

  it('frees the IDs of a closed tab', async () => {
    const { ledger, freeIds } = makeLedger();
    await ledger.lease(siteDocument({ tabId: 1 }), a, false, shown(1));
    await ledger.tabs.tabShows(1, undefined);
    expect(await freeIds(siteDocument({ tabId: 2 }))).toEqual(['a']);
  });

  it('keeps the order of a tab with several Peers', async () => {
    const { ledger, freeIds } = makeLedger();
    await ledger.lease(siteDocument(), b, false, shown(1));
    await ledger.lease(siteDocument(), a, false, shown(1));
    await ledger.lease(siteDocument(), b, false, shown(1));
    expect(await freeIds(siteDocument())).toEqual(['b', 'a']);
  });

  it('keeps the identity of a tab that has left meanwhile, without a lease', async () => {
    const { ledger, session, freeIds } = makeLedger();
    await ledger.lease(siteDocument(), a, false, undefined);
    expect(session.records).toEqual({});
    expect(await freeIds(siteDocument())).toEqual(['a']);
  });

  it('keeps named identities apart from the others', async () => {
    const { ledger, freeIds } = makeLedger();
    const document = siteDocument();
    await ledger.lease(document, a, true);
    expect(await freeIds(document)).toEqual([]);
    expect(ledger.identities(await ledger.view(document), { requestedId: 'a' })).toEqual([a]);
  });

  it('loses no lease if many come at once', async () => {
    const { ledger, freeIds } = makeLedger();
    const ids = Array.from({ length: 20 }, (_, number) => `id-${number}`);
    await Promise.all(ids.map((id) => ledger.lease(siteDocument(), { id, secret: id }, false, shown(1))));
    expect(await freeIds(siteDocument())).toEqual(ids);
  });

  it('keeps the IDs of each container apart, and forgets an ID in all of them', async () => {
    const { ledger, local, freeIds } = makeLedger();
    const [work, bank] = [siteDocument({ container: 'work', tabId: 2 }), siteDocument({ container: 'bank', tabId: 3 })];
    await ledger.lease(siteDocument(), a, false);
    await ledger.lease(work, b, false);
    expect([await freeIds(siteDocument()), await freeIds(work), await freeIds(bank)]).toEqual([['a'], ['b'], []]);
    await ledger.lease(bank, { ...a, secret: 'of the bank' }, true);
    expect(ledger.identities(await ledger.view(work), { requestedId: 'a' })[0]?.secret).not.toBe('of the bank');
    await ledger.forgetIdentity(work.site, 'a');
    expect([await freeIds(siteDocument()), await freeIds(work)]).toEqual([[], ['b']]);
    await ledger.forgetIdentity(siteDocument().site, 'b');
    expect(local.records).toEqual({});
  });

  it('keeps the IDs of an embedded site apart by its surrounding page', async () => {
    const { ledger, local, freeIds } = makeLedger();
    const [own, inNews, inShop] = [
      siteDocument(),
      siteDocument({ topOrigin: 'https://news.example', tabId: 2 }),
      siteDocument({ topOrigin: 'https://shop.example', tabId: 3 }),
    ];
    await ledger.lease(own, a, false, shown(1));
    await ledger.lease(inNews, b, false, shown(2, 'https://news.example'));
    await ledger.lease(inNews, a, true);
    const others = siteDocument({ topOrigin: 'https://news.example', tabId: 4 });
    expect([await freeIds(own), await freeIds(inNews), await freeIds(inShop), await freeIds(others)]).toEqual([
      ['a'],
      ['b'],
      [],
      [],
    ]);
    const named = async (document: SiteDocument) =>
      ledger.identities(await ledger.view(document), { requestedId: 'a' })[0]?.secret;
    expect(await named(inNews)).toBe(a.secret);
    expect(await named(own)).not.toBe(a.secret);
    expect(await named(inShop)).not.toBe(a.secret);
    await ledger.forget(inNews.site);
    expect(Object.keys(local.records)).toEqual([`identity:${ORIGIN}`]);
    expect([await freeIds(own), await freeIds(inNews)]).toEqual([['a'], []]);
  });

  it('keeps the IDs of an embedded site in private windows apart', async () => {
    const { ledger, local, freeIds } = makeLedger();
    const document = (topOrigin: string) => siteDocument({ topOrigin, isPrivate: true });
    await ledger.lease(document('https://news.example'), a, false, shown(1, 'https://news.example'));
    expect(await freeIds(document('https://news.example'))).toEqual(['a']);
    expect(await freeIds(document('https://shop.example'))).toEqual([]);
    expect(local.records).toEqual({});
  });

  it('stores nothing about a private window on disk', async () => {
    const { ledger, local, freeIds } = makeLedger();
    await ledger.lease(siteDocument({ isPrivate: true }), a, false, shown(1));
    expect(local.records).toEqual({});
    expect(await freeIds(siteDocument({ isPrivate: true }))).toEqual(['a']);
    expect(await freeIds(siteDocument({ tabId: 2 }))).toEqual([]);
  });
});

describe('site ledger: settings', () => {
  const record = { [`settings:${ORIGIN}`]: { callRoute: 'direct' } };
  const settingsOf = async (ledger: SiteLedger, document: SiteDocument) => (await ledger.view(document)).settings;

  it('belong to the origin', async () => {
    const { ledger, local } = makeLedger();
    await local.set(record);
    expect(await settingsOf(ledger, siteDocument())).toEqual({ callRoute: 'direct' });
    expect(await settingsOf(ledger, siteDocument({ origin: 'https://other.example' }))).toEqual({});
  });

  it('of a private window are separate from the lasting ones', async () => {
    const { ledger, local, session } = makeLedger();
    await local.set(record);
    expect(await settingsOf(ledger, siteDocument({ isPrivate: true }))).toEqual({});
    await session.set({ [`private:settings:${ORIGIN}`]: { callRoute: 'hosted' } });
    expect(await settingsOf(ledger, siteDocument({ isPrivate: true }))).toEqual({ callRoute: 'hosted' });
  });
});

describe('site ledger: keeping connections across reloads', () => {
  /** Undefined: connections end with their page. */
  async function keepsConnections(records: {
    policy?: unknown;
    settings?: unknown;
    managed?: Record<string, unknown>;
  }): Promise<boolean | undefined> {
    const { ledger, local, managed } = makeLedger();
    local.records = { policy: records.policy, [`settings:${ORIGIN}`]: records.settings };
    managed.records = records.managed ?? {};
    return ledger.conditions(await ledger.view(siteDocument())).keepsConnections;
  }

  it('is off by default', async () => {
    expect(await keepsConnections({})).toBeUndefined();
  });

  it('follows the policy if the site has no setting of its own', async () => {
    expect(await keepsConnections({ policy: { keepConnections: true } })).toBe(true);
    expect(await keepsConnections({ policy: { keepConnections: true }, settings: { calls: false } })).toBe(true);
  });

  it('follows the site’s setting, whatever the policy is', async () => {
    expect(await keepsConnections({ settings: { keepConnections: true } })).toBe(true);
    expect(
      await keepsConnections({ policy: { keepConnections: true }, settings: { keepConnections: false } }),
    ).toBeUndefined();
  });

  it('is off without kept IDs, because the next page would have another ID', async () => {
    expect(await keepsConnections({ settings: { keepConnections: true, keepId: true } })).toBe(true);
    expect(await keepsConnections({ settings: { keepConnections: true, keepId: false } })).toBeUndefined();
    expect(await keepsConnections({ policy: { keepConnections: true }, settings: { keepId: false } })).toBeUndefined();
    expect(await keepsConnections({ policy: { keepConnections: true, keepId: false } })).toBeUndefined();
    const managed = { sites: [{ origin: ORIGIN, keepConnections: true, keepId: false }] };
    expect(await keepsConnections({ managed })).toBeUndefined();
  });

  it('follows an administrator, above policy and setting', async () => {
    const ofUser = { policy: { keepConnections: true }, settings: { keepConnections: true } };
    expect(await keepsConnections({ ...ofUser, managed: { keepConnections: false } })).toBeUndefined();
    const sites = [{ origin: ORIGIN, keepConnections: false }];
    expect(await keepsConnections({ ...ofUser, managed: { sites } })).toBeUndefined();
    expect(await keepsConnections({ managed: { keepConnections: true } })).toBe(true);
    expect(
      await keepsConnections({
        managed: { keepConnections: false, sites: [{ origin: ORIGIN, keepConnections: true }] },
      }),
    ).toBe(true);
  });
});
