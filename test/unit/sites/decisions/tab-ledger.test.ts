import { describe, expect, it } from 'vitest';
import { SiteLedger } from '../../../../src/sites/site-ledger';
import { WriteQueue } from '../../../../src/sites/records/write-queue';
import { MemoryStore } from '../../../support/fakes/memory-store';
import { ORIGIN, siteDocument } from '../../../support/fakes/site-documents';

const a = { id: 'a', secret: 'secret of a' };

/** Within a site ledger, which reads what the tab ledger has written. */
function makeLedger() {
  const session = new MemoryStore();
  const stores = { local: new MemoryStore(), session, managed: new MemoryStore() };
  return { ledger: new SiteLedger(stores, () => 42, new WriteQueue()), session };
}

function shown(tabId: number, tabOrigin = ORIGIN) {
  return { tabId, tabOrigin };
}

describe('tab ledger', () => {
  it('reports whether a tab has left an origin that it had a record for', async () => {
    const { ledger } = makeLedger();
    expect(await ledger.tabs.tabShows(1, ORIGIN)).toBe(false);
    await ledger.tabs.recordTab(shown(1), false);
    expect(await ledger.tabs.tabShows(1, ORIGIN)).toBe(false);
    expect(await ledger.tabs.tabShows(2, undefined)).toBe(false);
    expect(await ledger.tabs.tabShows(1, undefined)).toBe(true);
    expect(await ledger.tabs.tabShows(1, undefined)).toBe(false);
  });

  it('creates the record of a tab that has none', async () => {
    const { ledger } = makeLedger();
    await ledger.tabs.recordTab(shown(1), false);
    expect(await ledger.tabs.hasPassing()).toBe(true);
  });

  it('leaves the record of a tab unchanged if it has one', async () => {
    const { ledger, session } = makeLedger();
    await ledger.tabs.allowOnce(siteDocument().site, [shown(1)]);
    await ledger.lease(siteDocument(), a, false, shown(1));
    const before = structuredClone(session.records);
    await ledger.tabs.recordTab(shown(1), false);
    expect(session.records).toEqual(before);
  });

  it('creates a new record for a tab that shows another origin', async () => {
    const { ledger } = makeLedger();
    await ledger.tabs.allowOnce(siteDocument().site, [shown(1)]);
    await ledger.tabs.recordTab(shown(1, 'https://elsewhere.example'), false);
    expect((await ledger.view(siteDocument())).onceServers).toBeUndefined();
    expect(await ledger.tabs.tabShows(1, 'https://elsewhere.example')).toBe(false);
  });
});
