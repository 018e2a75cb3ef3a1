import { describe, expect, it } from 'vitest';
import { DiagnosticLog, MAX_ALIKE, MAX_ENTRIES, MAX_SITES } from '../../../src/diagnostics/diagnostic-log';
import { parseHostDiagnostics } from '../../../src/diagnostics/host-reply';
import { FIELDS, KEYS, MAX_FRAMES } from '../../../src/diagnostics/vocabulary';

const COUNTS = { documents: 0, peers: 0, connections: 0, queuedBytes: 0 };

function site(name: string, isPrivate = false) {
  return { origin: `https://${name}.example`, isPrivate };
}

function makeLog() {
  let time = 0;
  const log = new DiagnosticLog(() => ++time);
  return { log, entries: () => log.read().entries, keys: () => log.read().entries.map(({ key }) => key) };
}

describe('DiagnosticLog', () => {
  it('keeps logger, level, key, time and fields', () => {
    const { log, entries } = makeLog();
    log.logger('signalling').warn('lost', { reason: 'closed', code: 1006, site: site('chat') });
    const fields = { reason: 'closed', code: 1006, site: 1 };
    expect(entries()).toEqual([
      { logger: 'signalling', level: 'warn', key: 'lost', at: 1, lastAt: 1, count: 1, fields },
    ]);
  });

  it('lists the entries of all loggers by time', () => {
    const { log, keys } = makeLog();
    log.logger('peers').info('started');
    log.logger('documents').info('attached');
    log.logger('peers').info('ended');
    expect(keys()).toEqual(['started', 'attached', 'ended']);
  });

  it('keeps the first events that are alike apart, and counts further ones in one entry', () => {
    const { log, entries } = makeLog();
    const peers = log.logger('peers');
    for (let count = 0; count < 100; count++) peers.info('started', { ms: count });
    expect(entries().map(({ count }) => count)).toEqual([1, 1, 1, 100 - MAX_ALIKE + 1]);
    expect(entries().at(-1)).toMatchObject({ at: MAX_ALIKE, lastAt: 100, fields: { ms: 99 } });
  });

  it('does not fold events of different sites, words or levels', () => {
    const { log, entries } = makeLog();
    const peers = log.logger('peers');
    for (let count = 0; count < MAX_ALIKE; count++) {
      peers.info('failed', { site: site('a'), type: 'network' });
      peers.info('failed', { site: site('b'), type: 'network' });
      peers.info('failed', { site: site('a'), type: 'webrtc' });
      peers.warn('failed', { site: site('a'), type: 'network' });
    }
    expect(entries().every(({ count }) => count === 1)).toBe(true);
  });

  it('gives each logger a share that no other logger can take', () => {
    const { log, keys } = makeLog();
    log.logger('host').error('uncaught-error');
    const documents = log.logger('documents');
    for (let count = 0; count < 1000; count++) documents.warn('invalid-message', { site: site(`flood${count}`) });
    expect(keys()).toContain('uncaught-error');
    expect(keys()).toHaveLength(MAX_ENTRIES + 1);
  });

  it('drops the entries of the site that has most, so that one site cannot push out another', () => {
    const { log, entries } = makeLog();
    const { info } = log.logger('peers');
    info('started', { site: site('quiet') });
    for (const key of KEYS.peers) {
      for (const type of FIELDS.type.options) {
        for (let count = 0; count < MAX_ALIKE; count++) info(key, { site: site('loud'), type });
      }
    }
    expect(entries()).toHaveLength(MAX_ENTRIES);
    expect(entries()[0]).toMatchObject({ at: 1, fields: { site: 1 } });
  });

  it('numbers a limited count of sites, and none in a private window', () => {
    const { log, entries } = makeLog();
    const documents = log.logger('documents');
    documents.info('expected', { site: site('secret', true) });
    for (let count = 1; count <= MAX_SITES + 1; count++) documents.info('expected', { site: site(`site${count}`) });
    const { sites } = log.read();
    expect(sites).toHaveLength(MAX_SITES);
    expect(JSON.stringify(sites)).not.toContain('secret');
    expect(entries().at(-1)?.fields).toEqual({ site: 0 });
  });

  it('keeps an error’s name and the places in our files, not its message', () => {
    const { log, entries } = makeLog();
    const error = new TypeError('token 123 at wss://10.0.0.5');
    error.stack = [
      'TypeError: token 123',
      '    at secret (chrome-extension://abcdef/assets/host-1.js:12:7)',
      '    at https://chat.example/app.js:1:1',
      'secret@moz-extension://8d5c-uuid/assets/host-2.js:3:4',
    ].join('\n');
    log.logger('host').error('uncaught-error', { error });
    expect(entries()[0]?.fields).toEqual({
      error: 'TypeError',
      stack: ['assets/host-1.js:12:7', 'assets/host-2.js:3:4'],
    });
  });

  it.each([['a text'], [{ name: 'hidden' }], [undefined], [Object.assign(new Error(''), { name: 'wss://10.0.0.5' })]])(
    'keeps nothing of a thrown %j',
    (error) => {
      const { log, entries } = makeLog();
      log.logger('host').error('uncaught-error', { error });
      expect([{}, { error: 'other' }]).toContainEqual(entries()[0]?.fields);
    },
  );

  it('replaces words that are not in its lists, whatever the types promised', () => {
    const { log, entries } = makeLog();
    const hostile = { reason: 'wss://10.0.0.5', code: '10.0.0.5', wasRegistered: 'yes', secret: 'text', ms: Infinity };
    log.logger('signalling').warn('lost', hostile as object);
    expect(entries()[0]?.fields).toEqual({ reason: 'other' });
  });

  it('stays within a kibibyte for an entry, and within a mebibyte in all', () => {
    const { log, entries } = makeLog();
    const error = new Error('');
    error.stack = `at (chrome-extension://a/${'x'.repeat(77)}.js:1234567:1234567)\n`.repeat(2 * MAX_FRAMES);
    const longest = { ms: 123_456_789, code: 4999, wasRegistered: false };
    for (const [name, keys] of Object.entries(KEYS)) {
      const logger = log.logger(name as 'peers') as unknown as Record<'error', (key: string, fields: object) => void>;
      for (let count = 0; count < 2 * MAX_ENTRIES; count++) {
        const words = { reason: 'too-many-invalid-messages', type: 'browser-incompatible', answer: 'dismiss' } as const;
        logger.error(keys[0], { ...longest, ...words, error, site: site(String(count)) });
      }
    }
    const sizes = entries().map((entry) => JSON.stringify(entry).length);
    expect(sizes).toHaveLength(Object.keys(KEYS).length * MAX_ENTRIES);
    expect(Math.max(...sizes)).toBeLessThan(1024);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(1024 * 1024);
  });
});

describe('parseHostDiagnostics', () => {
  it('accepts whatever a log has recorded', () => {
    const { log } = makeLog();
    log.logger('signalling').warn('lost', { reason: 'closed', code: 1006, site: site('chat'), error: new Error('x') });
    const reply = { ...log.read(), counts: COUNTS };
    expect(parseHostDiagnostics(structuredClone(reply))).toEqual(reply);
  });

  const entry = { logger: 'peers', level: 'info', key: 'started', at: 1, lastAt: 1, count: 1, fields: {} };

  it.each([
    undefined,
    true,
    { entries: [], sites: [] },
    { entries: [{ ...entry, key: 'https://chat.example' }], sites: [], counts: COUNTS },
    { entries: [{ ...entry, logger: 'text' }], sites: [], counts: COUNTS },
    { entries: [{ ...entry, fields: { text: 'a' } }], sites: [], counts: COUNTS },
    { entries: [{ ...entry, fields: { reason: 'a text' } }], sites: [], counts: COUNTS },
    { entries: [{ ...entry, fields: { stack: ['https://chat.example/'] } }], sites: [], counts: COUNTS },
    { entries: [], sites: [], counts: { ...COUNTS, peers: 'many' } },
  ])('rejects %j', (reply) => {
    expect(parseHostDiagnostics(reply)).toBeUndefined();
  });
});
