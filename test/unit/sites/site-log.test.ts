import { describe, expect, it } from 'vitest';
import { MAX_ENTRIES, SiteLog } from '../../../src/sites/site-log';
import { WriteQueue } from '../../../src/sites/records/write-queue';
import { MemoryStore } from '../../support/fakes/memory-store';

const site = { origin: 'https://chat.example', isPrivate: false };

function makeLog(records: Record<string, unknown> = {}) {
  let now = 0;
  const local = new MemoryStore(records);
  return { local, log: new SiteLog(local, () => ++now, new WriteQueue()) };
}

describe('site log', () => {
  it('lists its entries, newest first', async () => {
    const { log } = makeLog();
    await log.add(site, 'asked', '0.peerjs.com');
    const around = { ancestors: ['https://widgets.example'], topOrigin: 'https://news.example' };
    await log.add({ ...site, ...around }, 'blocked');
    expect(await log.all()).toEqual([
      { origin: site.origin, ...around, at: 2, what: 'blocked' },
      { origin: site.origin, at: 1, what: 'asked', server: '0.peerjs.com' },
    ]);
  });

  it('loses no entry if many come at once, and keeps only the latest', async () => {
    const { log } = makeLog();
    await Promise.all(Array.from({ length: MAX_ENTRIES + 5 }, () => log.add(site, 'asked')));
    const times = (await log.all()).map(({ at }) => at);
    expect(times).toHaveLength(MAX_ENTRIES);
    expect([times[0], times.at(-1)]).toEqual([MAX_ENTRIES + 5, 6]);
  });

  it('writes nothing about a private window', async () => {
    const { log, local } = makeLog();
    await log.add({ ...site, isPrivate: true }, 'asked');
    expect(local.records).toEqual({});
  });

  it('skips damaged entries', async () => {
    const { log } = makeLog({ log: [null, { at: 'never' }, { origin: site.origin, at: 9, what: 'asked' }] });
    expect(await log.all()).toEqual([{ origin: site.origin, at: 9, what: 'asked' }]);
    expect(await makeLog({ log: 'none' }).log.all()).toEqual([]);
  });
});
