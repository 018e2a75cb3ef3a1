// `version-1.json` holds records and an exported file exactly as the last build with the former names wrote them.
import { describe, expect, it } from 'vitest';
import { Backups } from '../../../../src/sites/backup';
import { managedSite, parseManaged } from '../../../../src/sites/policy/managed-policy';
import { PolicyBook } from '../../../../src/sites/policy/policy';
import { MigratedStore } from '../../../../src/sites/records/migration';
import { WriteQueue } from '../../../../src/sites/records/write-queue';
import { SiteLedger } from '../../../../src/sites/site-ledger';
import { MemoryStore } from '../../../support/fakes/memory-store';
import { siteDocument } from '../../../support/fakes/site-documents';
import version1 from '../../../support/samples/version-1.json';

const CHAT = 'https://chat.example';
const PLAY = 'https://play.example';
const KEEPS_CONNECTIONS = {
  keepConnections: true,
  limits: { peers: 8, connections: 64, queuedBytes: 64 * 1024 * 1024 },
};

const MIGRATED = {
  ...version1.stored,
  policy: { defaultDecision: 'ask', ...KEEPS_CONNECTIONS },
  [`settings:${CHAT}`]: { callRoute: 'direct', calls: false, keepConnections: false },
  [`settings:${PLAY}`]: { relayedOnly: true, keepId: true, keepConnections: true },
};

function makeStores(records: Record<string, unknown> = version1.stored) {
  const disk = new MemoryStore(records);
  return { disk, local: new MigratedStore(disk), session: new MemoryStore(), managed: new MemoryStore() };
}

describe('the lasting store of version 1', () => {
  it('has the present names at the first read', async () => {
    const { local } = makeStores();
    expect(await local.get(null)).toEqual(MIGRATED);
    expect(await makeStores().local.get(['policy'])).toEqual({ policy: MIGRATED.policy });
  });

  it('keeps the user’s choices in effect, for all sites and for single sites', async () => {
    const stores = makeStores();
    const book = new PolicyBook(stores.local, async () => parseManaged({}), new WriteQueue());
    expect((await book.view()).policy).toMatchObject(KEEPS_CONNECTIONS);
    const ledger = new SiteLedger(stores, Date.now, new WriteQueue());
    const conditions = async (origin: string) => ledger.conditions(await ledger.view(siteDocument({ origin })));
    expect(await conditions(PLAY)).toMatchObject({ keepsConnections: true, relayedOnly: true });
    expect(await conditions('https://other.example')).toMatchObject({ keepsConnections: true });
    expect(await conditions(CHAT)).not.toHaveProperty('keepsConnections');
    expect(await conditions(CHAT)).toMatchObject({ callRoute: 'direct', limits: KEEPS_CONNECTIONS.limits });
  });

  it('is migrated before a write, so that no migration overwrites what was written', async () => {
    const { disk, local } = makeStores();
    await local.set({ [`settings:${CHAT}`]: { keepConnections: true } });
    await local.remove([`settings:${PLAY}`]);
    expect(disk.records).toMatchObject({ policy: MIGRATED.policy, [`settings:${CHAT}`]: { keepConnections: true } });
    expect(disk.records).not.toHaveProperty([`settings:${PLAY}`]);
  });

  it('is migrated once, by one write, whoever reads first and however often the background starts', async () => {
    const { disk, local } = makeStores();
    await Promise.all([local.get(null), local.get(['log']), local.get(['policy'])]);
    const changed = ['policy', `settings:${CHAT}`, `settings:${PLAY}`, 'version'];
    expect(disk.writes).toEqual(changed);
    expect(await new MigratedStore(disk).get(null)).toEqual(MIGRATED);
    expect(disk.writes).toEqual(changed);
  });

  it('is migrated by a later read if the first one fails', async () => {
    const { disk, local } = makeStores();
    const set = disk.set.bind(disk);
    disk.set = () => Promise.reject(new Error('The disk is full.'));
    await expect(local.get(null)).rejects.toThrow('The disk is full.');
    expect(disk.records).toEqual(version1.stored);
    disk.set = set;
    expect(await local.get(null)).toEqual(MIGRATED);
  });

  it('of an even earlier build has the opposite of “keep an ID”', async () => {
    const settings = {
      [`settings:${CHAT}`]: { freshId: true, calls: false },
      [`settings:${PLAY}`]: { freshId: false },
    };
    expect(await makeStores(settings).local.get(null)).toEqual({
      [`settings:${CHAT}`]: { keepId: false, calls: false },
      [`settings:${PLAY}`]: { keepId: true },
    });
  });

  it('loses a setting under its former name to the same setting under its present one', async () => {
    const record = { keepLinks: true, keepConnections: false, freshId: true, keepId: true };
    const { local } = makeStores({ [`settings:${CHAT}`]: record });
    expect(await local.get(null)).toEqual({ [`settings:${CHAT}`]: { keepConnections: false, keepId: true } });
  });

  it.each([null, 'text', 1, ['keepLinks'], { freshId: 'yes' }, { keepLinks: 1 }])(
    'leaves the damaged record %j as it is',
    async (record) => {
      const records = { policy: record, [`settings:${CHAT}`]: record };
      expect(await makeStores(records).local.get(null)).toEqual(records);
    },
  );
});

describe('an exported file of version 1', () => {
  const now = () => Date.UTC(2026, 10, 29);

  it('is imported under the present names', async () => {
    const { local } = makeStores({});
    const backups = new Backups(local, now, new WriteQueue());
    expect(await backups.import(JSON.stringify(version1.exported))).toEqual({});
    const [, ...names] = ['welcomed', ...Object.keys(version1.stored).filter((key) => /^(policy|settings)/.test(key))];
    const settings = await local.get(names);
    expect(settings).toEqual(Object.fromEntries(names.map((name) => [name, MIGRATED[name as keyof typeof MIGRATED]])));
  });

  it('says the same as the file that the present version exports from the migrated records', async () => {
    const file = JSON.parse(await new Backups(makeStores().local, now, new WriteQueue()).export()) as {
      policy: object;
    };
    expect(file).toMatchObject({ version: 2, policy: MIGRATED.policy, log: version1.exported.log });
    const { local } = makeStores({});
    const backups = new Backups(local, now, new WriteQueue());
    await backups.import(JSON.stringify(version1.exported));
    expect(await backups.preview(JSON.stringify(file))).toEqual({ summary: { changedSites: 0, notes: [] } });
  });

  it('of an even earlier build is imported with the opposite of “keep an ID”', async () => {
    const { local } = makeStores({});
    const sites = [{ origin: CHAT, settings: { freshId: true } }];
    await new Backups(local, now, new WriteQueue()).import(JSON.stringify({ ...version1.exported, sites }));
    expect(await local.get([`settings:${CHAT}`])).toEqual({ [`settings:${CHAT}`]: { keepId: false } });
  });
});

describe('an administrator’s policy under former names', () => {
  it('applies to all sites', () => {
    const { policy } = parseManaged({ keepLinks: false, limits: version1.stored.policy.limits });
    expect(policy).toEqual({ ...KEEPS_CONNECTIONS, keepConnections: false });
    expect(managedSite(parseManaged({ keepLinks: false }), { origin: CHAT })).toMatchObject({
      settings: { keepConnections: false },
    });
  });

  it('applies to single sites', () => {
    const managed = parseManaged({ sites: [{ origin: CHAT, keepLinks: true, freshId: true }] });
    expect(managedSite(managed, { origin: CHAT })).toMatchObject({
      settings: { keepConnections: true, keepId: false },
    });
  });
});
