import { describe, expect, it } from 'vitest';
import { Backups } from '../../../src/sites/backup';
import { WriteQueue } from '../../../src/sites/records/write-queue';
import { MemoryStore } from '../../support/fakes/memory-store';

const ORIGIN = 'https://chat.example';
const TOP = 'https://news.example';
const identity = (id: string) => ({ id, secret: '0123456789abcdef'.repeat(2) });

const RECORDS = {
  [`grant:${ORIGIN}`]: { decision: 'allow', servers: ['wss://10.0.0.5:9000'], decidedAt: 7 },
  [`grant:${ORIGIN} ${TOP}`]: { decision: 'block', servers: [], decidedAt: 8 },
  [`grant:${ORIGIN} https://widgets.example null ${TOP}`]: { decision: 'allow', servers: [], decidedAt: 8 },
  [`grant:${ORIGIN} null`]: { decision: 'ask', servers: [], decidedAt: 9 },
  [`settings:${ORIGIN}`]: { callRoute: 'direct', data: false, keepConnections: false, keepId: true },
  [`identity:${ORIGIN}`]: { anonymous: [identity('own')], named: [identity('alice')] },
  [`identity:${ORIGIN} ${TOP}`]: { anonymous: [identity('embedded')], named: [] },
  policy: {
    defaultDecision: 'block',
    iceServers: [{ urls: ['turn:relay.example'], username: 'u', credential: 'c' }],
    keepConnections: true,
    keepId: false,
  },
  log: [{ origin: ORIGIN, at: 7, what: 'allowed', server: '10.0.0.5:9000' }],
};

const NOW = 42;
const IMPORTED = { at: NOW, what: 'imported' };
/** The records after an import of `RECORDS`. */
const AFTER = { ...RECORDS, log: [...RECORDS.log, IMPORTED] };

function makeBackups(records: Record<string, unknown> = {}) {
  const local = new MemoryStore(records);
  return { local, backups: new Backups(local, () => NOW, new WriteQueue()) };
}

/** A valid file with one change. */
function file(change: object = {}): string {
  return JSON.stringify({ format: 'peerport-backup', version: 2, policy: {}, sites: [], log: [], ...change });
}

describe('backup', () => {
  it('restores all records, and logs the import', async () => {
    const text = await makeBackups(RECORDS).backups.export();
    const { local, backups } = makeBackups();
    expect(await backups.import(text)).toEqual({});
    expect(local.records).toEqual(AFTER);
  });

  it('logs an import after all entries of the file, however many there are', async () => {
    const log = Array.from({ length: 500 }, (_, number) => ({ origin: ORIGIN, at: NOW + number, what: 'changed' }));
    const { local, backups } = makeBackups(RECORDS);
    expect(await backups.import(file({ log }))).toEqual({});
    expect(local.records.log).toHaveLength(500);
    expect((local.records.log as unknown[]).at(-1)).toEqual(IMPORTED);
  });

  it('previews an import without changing any record', async () => {
    const nested = { origin: ORIGIN, ancestors: ['https://widgets.example', 'null'], topOrigin: TOP };
    const text = await makeBackups(RECORDS).backups.export();
    const { local, backups } = makeBackups({ policy: { defaultDecision: 'block' } });
    expect(await backups.preview(text)).toMatchObject({
      summary: {
        changedSites: 4,
        notes: [
          { what: 'ice-servers', items: [{ text: 'turn:relay.example' }] },
          { what: 'connections-kept' },
          { what: 'sites-allowed', items: [{ site: { origin: ORIGIN } }, { site: nested }] },
          { what: 'private-servers', items: [{ site: { origin: ORIGIN }, text: 'wss://10.0.0.5:9000' }] },
          { what: 'ids-brought' },
        ],
      },
    });
    expect(local.records).toEqual({ policy: { defaultDecision: 'block' } });
  });

  it('previews no changes if the file has the stored records', async () => {
    const { backups } = makeBackups(RECORDS);
    expect(await backups.preview(await backups.export())).toEqual({ summary: { changedSites: 0, notes: [] } });
  });

  it('refuses to preview a file that it would refuse to import', async () => {
    const { backups } = makeBackups(RECORDS);
    expect(await backups.preview(file({ version: 3 }))).toEqual(await backups.import(file({ version: 3 })));
  });

  it.each([
    [
      'a decision',
      file({ sites: [{ origin: ORIGIN, decision: 'allow', decidedAt: NOW + 300_001 }] }),
      'sites.0.decidedAt',
    ],
    ['the log', file({ log: [{ origin: ORIGIN, at: NOW + 300_001, what: 'allowed' }] }), 'log.0.at'],
    ['the log, of an import', file({ log: [IMPORTED, { at: 8.64e15, what: 'imported' }] }), 'log.1.at'],
  ])('refuses a date in the future in %s, and names its place', async (_where, text, place) => {
    const { local, backups } = makeBackups(RECORDS);
    const { problem } = await backups.import(text);
    expect(problem).toContain(`${place}: `);
    expect(problem).toContain('is in the future, more than 5 minutes ahead of this computer');
    expect(await backups.preview(text)).toEqual({ problem });
    expect(local.records).toEqual(RECORDS);
  });

  it('accepts a file from a computer whose clock is slightly ahead', async () => {
    const sites = [{ origin: ORIGIN, decision: 'allow', decidedAt: NOW + 300_000 }];
    expect(await makeBackups().backups.import(file({ sites }))).toEqual({});
  });

  it('exports no dates in the future, so that the file can be imported', async () => {
    const ahead = NOW + 86_400_000;
    const { backups } = makeBackups({
      [`grant:${ORIGIN}`]: { decision: 'allow', servers: [], decidedAt: ahead },
      log: [{ origin: ORIGIN, at: ahead, what: 'allowed' }],
    });
    expect(await makeBackups().backups.import(await backups.export())).toEqual({});
  });

  it('is empty if there are no records', async () => {
    expect(JSON.parse(await makeBackups().backups.export())).toEqual(JSON.parse(file()));
  });

  it('leaves out damaged records, so that the file can be imported', async () => {
    const { backups } = makeBackups({
      ...RECORDS,
      'grant:no origin at all': { decision: 'allow' },
      'identity:https://odd.example': { anonymous: [{ id: 'x', secret: 'short' }], named: 'none' },
      log: ['no entry', RECORDS.log[0]],
    });
    const { local, backups: other } = makeBackups();
    expect(await other.import(await backups.export())).toEqual({});
    expect(local.records).toEqual(AFTER);
  });

  it('keeps the stored IDs of containers, which are in no file', async () => {
    const containers = { 'firefox-container-1': { anonymous: [identity('at work')], named: [] } };
    const record = { anonymous: [identity('own')], named: [], containers };
    const { local, backups } = makeBackups({ [`identity:${ORIGIN}`]: record });
    expect(await backups.export()).not.toContain('at work');
    await backups.import(await makeBackups(RECORDS).backups.export());
    expect(local.records[`identity:${ORIGIN}`]).toEqual({ ...RECORDS[`identity:${ORIGIN}`], containers });
  });

  it('leaves sites that the file does not name unchanged, and merges the logs', async () => {
    const elsewhere = { decision: 'block', servers: [], decidedAt: 1 };
    const log = [{ origin: TOP, at: 3, what: 'asked' }, RECORDS.log[0]];
    const { local, backups } = makeBackups({ 'grant:https://elsewhere.example': elsewhere, log });
    await backups.import(await makeBackups(RECORDS).backups.export());
    expect(local.records).toEqual({
      ...RECORDS,
      'grant:https://elsewhere.example': elsewhere,
      log: [...log, IMPORTED],
    });
  });

  const site = { origin: ORIGIN, decision: 'allow' };
  it.each([
    ['', 'not valid JSON'],
    ['{"format": "peerport-backup", ', 'not valid JSON'],
    ['null', 'not an export of Peerport'],
    ['[]', 'not an export of Peerport'],
    ['{"format": "other"}', 'not an export of Peerport'],
    [file({ version: 3 }), 'version 3'],
    [file({ version: '1' }), 'an unknown version'],
    [file({ version: { toString: 1, valueOf: 1 } }), 'an unknown version'],
    [file({ sites: {} }), 'sites: '],
    [file({ sites: [site, { ...site, origin: 'javascript:alert(1)' }] }), 'sites.1.origin: '],
    [file({ sites: [{ ...site, origin: 'https://chat.example/room' }] }), 'sites.0.origin: '],
    [file({ sites: [{ ...site, origin: `https://${'a'.repeat(600)}.example` }] }), 'sites.0.origin: '],
    [file({ sites: [{ ...site, topOrigin: 'file:///' }] }), 'sites.0.topOrigin: '],
    [file({ sites: [{ ...site, decision: 'ALLOW' }] }), 'sites.0.decision: '],
    [file({ sites: [site, site] }), 'sites: must name each site only once'],
    [file({ sites: [{ ...site, decidedAt: -1 }] }), 'sites.0.decidedAt: '],
    [file({ sites: [{ ...site, settings: { data: 'no' } }] }), 'sites.0.settings.data: '],
    [file({ sites: [{ ...site, settings: { keepConnections: 1 } }] }), 'sites.0.settings.keepConnections: '],
    [file({ version: 1, sites: [{ ...site, settings: { keepLinks: 1 } }] }), 'sites.0.settings.keepLinks: '],
    [file({ sites: [{ ...site, settings: { keepLinks: true } }] }), 'sites.0.settings.keepLinks: '],
    [file({ sites: [{ ...site, settings: { keepId: 1 } }] }), 'sites.0.settings.keepId: '],
    [file({ version: 1, sites: [{ ...site, settings: { freshId: 1 } }] }), 'sites.0.settings.freshId: '],
    [file({ version: 1, sites: {} }), 'sites: '],
    [file({ version: 1, policy: undefined }), 'policy: '],
    [file({ policy: { keepId: 'no' } }), 'policy.keepId: '],
    [file({ sites: [{ ...site, settings: { toString: true } }] }), 'sites.0.settings.toString: '],
    [file({ sites: [{ ...site, surprise: 1 }] }), 'sites.0.surprise: '],
    [
      file({ sites: [{ ...site, identities: { anonymous: [{ id: 'a', secret: 'x' }], named: [] } }] }),
      'anonymous.0.secret: ',
    ],
    [file({ sites: [{ ...site, identities: { anonymous: [{ ...identity('') }], named: [] } }] }), 'anonymous.0.id: '],
    [file({ sites: [{ ...site, identities: { anonymous: Array(65).fill(identity('a')), named: [] } }] }), 'must be 64'],
    [file({ policy: { limits: { peers: 1e99, connections: 1, queuedBytes: 1 } } }), 'policy.limits.peers: '],
    [file({ policy: { keepConnections: null } }), 'policy.keepConnections: '],
    [file({ version: 1, policy: { keepLinks: null } }), 'policy.keepLinks: '],
    [file({ policy: { iceServers: [{ urls: ['https://x.example'] }] } }), 'policy.iceServers.0.urls.0: '],
    [file({ log: [{ origin: ORIGIN, at: 1, what: 'pwned' }] }), 'log.0.what: '],
    [file({ log: [{ origin: ORIGIN, at: 9e15, what: 'allowed' }] }), 'log.0.at: '],
    [file({ log: [{ origin: ORIGIN, at: 1, what: 'imported' }] }), 'log.0.origin: '],
    [file({ log: Array(501).fill(RECORDS.log[0]) }), 'log: must be 500'],
    [file().replace('"policy":{}', '"policy":{"__proto__":{"relayedOnly":true}}'), 'policy.__proto__: '],
    [file().replace('"sites":[]', '"sites":[],"__proto__":{"x":1}'), '__proto__: '],
    [' '.repeat(5 * 1024 * 1024), 'larger than 4 MiB'],
  ])('refuses invalid file %#, names the problem, and changes no record', async (text, problem) => {
    const { local, backups } = makeBackups(RECORDS);
    const result = await backups.import(text);
    expect(result.problem).toContain(problem);
    expect(local.records).toEqual(RECORDS);
    expect({}).not.toHaveProperty('relayedOnly');
  });

  it('exports and imports no mark of a site’s storage', async () => {
    const mark = { value: 'fedcba9876543210'.repeat(2), countsFrom: 1 };
    const marked = { ...RECORDS, [`identity:${ORIGIN}`]: { ...RECORDS[`identity:${ORIGIN}`], mark } };
    const text = await makeBackups(marked).backups.export();
    expect(text).not.toContain(mark.value);
    const { local, backups } = makeBackups(marked);
    await backups.import(text);
    expect(local.records).toEqual(AFTER);
  });

  it('accepts the unchanged file, so that the refusals above are for their changes', async () => {
    expect(await makeBackups().backups.import(file({ sites: [site] }))).toEqual({});
  });
});
