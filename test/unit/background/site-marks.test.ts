import { describe, expect, it } from 'vitest';
import { markDocument, parseMarkReport } from '../../../extension/background/site-marks';
import { SiteLedger } from '../../../src/sites/site-ledger';
import { SiteLog } from '../../../src/sites/site-log';
import { WriteQueue } from '../../../src/sites/records/write-queue';
import type { MarkReport, SiteDocument } from '../../../src/protocol/control-messages';
import { MemoryStore } from '../../support/fakes/memory-store';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';

const MARK = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const a = { id: 'a', secret: 'secret of a' };
const b = { id: 'b', secret: 'secret of b' };
const TAB = { tabId: 1, tabOrigin: ORIGIN };
const UNMARKED: MarkReport = { status: 'unmarked' };

const marked = (value: string): MarkReport => ({ status: 'marked', value });

function makeWorld(records: Record<string, unknown> = {}) {
  const local = new MemoryStore(records);
  const session = new MemoryStore();
  let now = 1_000_000;
  const writes = new WriteQueue();
  const ledger = new SiteLedger({ local, session, managed: new MemoryStore() }, () => now, writes);
  const log = new SiteLog(local, () => now, writes);
  /** A document attaches whose content script reports this. */
  async function come(report: MarkReport, document = siteDocument(), lookedAt = now) {
    return markDocument({ ledger, log }, document, await ledger.view(document), report, lookedAt);
  }
  const freeIds = async (document: SiteDocument): Promise<string[]> => {
    return ledger.identities(await ledger.view(document), {}).map(({ id }) => id);
  };
  return { local, session, ledger, log, come, freeIds, pass: (milliseconds: number) => (now += milliseconds) };
}

const kept = (mark?: { value: string; countsFrom: number }) => ({
  [`identity:${ORIGIN}`]: { anonymous: [a], named: [b], ...(mark && { mark }) },
});

describe('a document that attaches', () => {
  it('gets a mark to write if neither its site’s record nor its storage has one', async () => {
    const { come, local } = makeWorld();
    const { mark, document, view } = await come(UNMARKED);
    expect(mark).toMatch(/^[0-9a-f]{32}$/);
    expect(document.mark).toBe(mark);
    expect(view.keepsId).toBe(true);
    expect(local.records[`identity:${ORIGIN}`]).toMatchObject({ anonymous: [], named: [], mark: { value: mark } });
  });

  it('gets the same mark as another document of its site that has not written it yet', async () => {
    const { come, ledger, freeIds } = makeWorld();
    const [first, second] = await Promise.all([come(UNMARKED), come(UNMARKED)]);
    expect(second.mark).toBe(first.mark);
    await ledger.lease(first.document, a, false, TAB);
    const third = await come(UNMARKED);
    expect(third.mark).toBe(first.mark);
    expect(await freeIds(third.document)).toEqual(['a']);
  });

  it('gets the site’s IDs, and nothing to write, if the storage has the mark', async () => {
    const records = kept({ value: MARK, countsFrom: 0 });
    const { come, local } = makeWorld(structuredClone(records));
    const { mark, document, view } = await come(marked(MARK));
    expect(mark).toBeUndefined();
    expect(document.mark).toBe(MARK);
    expect(view.book.anonymous).toEqual([a]);
    expect(local.records).toEqual(records);
  });

  it('keeps IDs that were saved before marks existed, and gets a mark for them', async () => {
    const { come, local, freeIds } = makeWorld(kept());
    const { mark, document } = await come(UNMARKED);
    expect(await freeIds(document)).toEqual(['a']);
    expect(local.records[`identity:${ORIGIN}`]).toMatchObject({ anonymous: [a], named: [b], mark: { value: mark } });
  });

  it.each([
    ['has lost the mark', UNMARKED],
    ['has a different mark', marked(OTHER)],
  ])('gets none of the old IDs if the storage %s, and the log gives the reason', async (_how, report) => {
    const { come, ledger, log, session, freeIds } = makeWorld(kept({ value: MARK, countsFrom: 0 }));
    await ledger.lease(siteDocument(), a, false, TAB);
    const { mark, document, view } = await come(report);
    expect(document.mark).not.toBe(MARK);
    expect(mark).toBe(report.status === 'unmarked' ? document.mark : undefined);
    expect(view.book).toMatchObject({ anonymous: [], named: [] });
    expect(await freeIds(document)).toEqual([]);
    expect(ledger.identities(view, { requestedId: 'b' })[0]?.secret).not.toBe(b.secret);
    expect(session.records).toMatchObject({ 'tab:1': { leases: { [ORIGIN]: [] } } });
    expect(await log.all()).toMatchObject([{ origin: ORIGIN, what: 'renewed' }]);
  });

  it('gets none of the old IDs, with one log entry, if several documents attach at once after the data was cleared', async () => {
    const { come, ledger, log } = makeWorld(kept({ value: MARK, countsFrom: 0 }));
    const documents = await Promise.all([come(UNMARKED), come(UNMARKED), come(UNMARKED)]);
    expect(new Set(documents.map(({ mark }) => mark)).size).toBe(1);
    for (const { view } of documents) expect(ledger.identities(view, {})).toEqual([]);
    expect(await log.all()).toHaveLength(1);
  });

  it('does not bring old IDs back if it attached before the data was cleared, and continues without saved IDs', async () => {
    const { come, ledger, local, freeIds } = makeWorld(kept({ value: MARK, countsFrom: 0 }));
    const before = (await come(marked(MARK))).document;
    const { document } = await come(UNMARKED);
    await ledger.lease(before, a, false, TAB);
    await ledger.lease(before, b, true);
    expect(local.records[`identity:${ORIGIN}`]).toMatchObject({ anonymous: [], named: [] });
    expect(await freeIds(before)).toEqual([]);
    expect(ledger.conditions(await ledger.view(before)).keepsConnections).toBeUndefined();
    await ledger.lease(document, b, false, TAB);
    expect([await freeIds(document), await freeIds(before)]).toEqual([['b'], []]);
  });

  it.each([
    ['everything was erased', (ledger: SiteLedger) => ledger.erase()],
    ['the site was forgotten', (ledger: SiteLedger) => ledger.forget(siteDocument().site)],
  ])('gets none of the old IDs after %s, though the mark is still in the site’s storage', async (_what, end) => {
    const { come, ledger, local, freeIds } = makeWorld(kept({ value: MARK, countsFrom: 0 }));
    const before = (await come(marked(MARK))).document;
    await end(ledger);
    expect(local.records).toEqual({});
    const { document, view } = await come(marked(MARK));
    expect([await freeIds(document), await freeIds(before)]).toEqual([[], []]);
    expect(ledger.identities(view, { requestedId: 'b' })[0]?.secret).not.toBe(b.secret);
  });

  it('gets no saved ID and saves none if its storage is unusable', async () => {
    const records = kept({ value: MARK, countsFrom: 0 });
    const { come, ledger, local, session, freeIds } = makeWorld(structuredClone(records));
    const { mark, document, view } = await come({ status: 'unusable' });
    expect([mark, document.mark, view.keepsId]).toEqual([undefined, null, false]);
    expect(await freeIds(document)).toEqual([]);
    await ledger.lease(document, { id: 'fresh', secret: 's' }, false, TAB);
    expect(local.records).toEqual(records);
    expect(session.records).toEqual({});
  });

  it('gets no mark if the user wants no ID saved', async () => {
    const settings = { [`settings:${ORIGIN}`]: { keepId: false } };
    const { come, local } = makeWorld(settings);
    expect((await come(UNMARKED)).mark).toBeUndefined();
    expect(local.records).toEqual(settings);
  });

  it('adopts a mark that was issued while its page waited for the user', async () => {
    const { come, pass, freeIds } = makeWorld();
    const first = await come(UNMARKED);
    pass(60_000);
    expect((await come(marked(first.mark!))).document.mark).toBe(first.mark);
    const waited = await come(UNMARKED, siteDocument(), 1_000_000 - 60_000);
    expect(waited.document.mark).toBe(first.mark);
    expect(await freeIds(waited.document)).toEqual([]);
  });

  it('renews only the IDs of its own container and its own embedding', async () => {
    const top = 'https://news.example';
    const { come, ledger, freeIds } = makeWorld();
    const documents = [siteDocument(), siteDocument({ container: 'work' }), siteDocument({ topOrigin: top })];
    const marks: string[] = [];
    for (const [index, document] of documents.entries()) {
      const { document: own, mark } = await come(UNMARKED, document);
      marks.push(mark!);
      await ledger.lease(own, { id: `id-${index}`, secret: 's' }, false);
      await come(marked(mark!), document);
    }
    expect(new Set(marks).size).toBe(3);
    await come(UNMARKED, documents[1]);
    expect(await Promise.all(documents.map(freeIds))).toEqual([['id-0'], [], ['id-2']]);
    await come(UNMARKED, documents[2]);
    expect(await Promise.all(documents.map(freeIds))).toEqual([['id-0'], [], []]);
  });

  it('is marked in a private window until the last one closes, without a log entry', async () => {
    const { come, ledger, local, log } = makeWorld();
    const document = siteDocument({ isPrivate: true });
    const { mark } = await come(UNMARKED, document);
    await come(marked(mark!), document);
    expect((await come(UNMARKED, document)).mark).not.toBe(mark);
    expect(await log.all()).toEqual([]);
    await ledger.tabs.forgetPrivate();
    expect((await come(marked(mark!), document)).document.mark).toBe(mark);
    expect(local.records).toEqual({});
  });
});

describe('parseMarkReport', () => {
  it('reads what a content script sends', () => {
    expect(parseMarkReport(marked(MARK))).toEqual(marked(MARK));
    expect(parseMarkReport(UNMARKED)).toEqual(UNMARKED);
    expect(parseMarkReport({ status: 'unusable' })).toEqual({ status: 'unusable' });
  });

  it.each([
    undefined,
    null,
    'marked',
    {},
    { status: 'marked' },
    { status: 'marked', value: 7 },
    { status: 'marked', value: 'a'.repeat(33) },
    { status: 'marked', value: `${MARK.slice(1)}G` },
    { status: 'marked', value: [MARK] },
  ])('parses %j as unusable storage', (claimed) => {
    expect(parseMarkReport(claimed)).toEqual({ status: 'unusable' });
  });
});
