import { describe, expect, it } from 'vitest';
import { DiagnosticLog } from '../../../src/diagnostics/diagnostic-log';
import { diagnosticsText, MOST_SHOWN, type DiagnosticsSource } from '../../../src/diagnostics/diagnostics-text';
import { KEYS } from '../../../src/diagnostics/vocabulary';
import { DEFAULT_POLICY } from '../../../src/sites/policy/policy';

const [a, b] = ['https://a.example', 'https://b.example'].map((origin) => ({ origin, isPrivate: false }));

function text(source: Partial<DiagnosticsSource> = {}): string {
  return diagnosticsText({
    version: '1.2.3',
    userAgent: 'Chrome/156',
    at: 0,
    policy: DEFAULT_POLICY,
    defaults: DEFAULT_POLICY,
    background: new DiagnosticLog(() => 0).read(),
    managed: [],
    ignored: 0,
    host: 'not-running',
    ...source,
  });
}

describe('the diagnostics text', () => {
  it('names version, browser and time', () => {
    expect(text()).toContain('Peerport 1.2.3, 1970-01-01T00:00:00.000Z\nChrome/156\n');
  });

  it('says that no settings were changed', () => {
    expect(text()).toContain('Settings that differ from the defaults: none\n');
  });

  it('names changed settings, but no server and no credential', () => {
    const policy = {
      ...DEFAULT_POLICY,
      relayedOnly: true,
      limits: { ...DEFAULT_POLICY.limits, peers: 5 },
      peerServer: { host: 'secret.example', port: 9000, path: '/', key: 'hush', secure: true },
      iceServers: [{ urls: ['turn:relay.example'], username: 'me', credential: 'word' }],
    };
    const line = 'relayedOnly=true, peers=5, own PeerServer, own ICE servers=1\n';
    expect(text({ policy })).toContain(`Settings that differ from the defaults: ${line}`);
    expect(text({ policy })).not.toMatch(/secret|hush|relay\.example|word/);
  });

  it.each([
    ['not-running', 'Host: not running, which is usual while no site needs it.'],
    ['trouble', 'Host: not running. It could not be started when it was last needed.'],
    ['silent', 'Host: runs, and did not answer.'],
  ] as const)('says that the host is %s', (host, sentence) => {
    expect(text({ host })).toContain(sentence);
  });

  it('names what an administrator has set, and counts what is ignored as invalid', () => {
    const line = 'Set by an administrator: relayedOnly, limits; 2 invalid members are ignored\n';
    expect(text({ managed: ['relayedOnly', 'limits'], ignored: 2 })).toContain(line);
    expect(text()).toContain('Set by an administrator: nothing\n');
  });

  it('counts what the host carries', () => {
    const counts = { documents: 1, peers: 2, connections: 3, queuedBytes: 4 };
    const host = { ...new DiagnosticLog(() => 0).read(), counts };
    expect(text({ host })).toContain('Host: 1 documents, 2 Peers, 3 connections, 4 bytes queued');
  });

  it('gives a site the same number in the entries of background and host, and never its name', () => {
    const [background, host] = [new DiagnosticLog(() => 0), new DiagnosticLog(() => 0)];
    background.logger('admission').info('admitted', { site: a });
    background.logger('admission').info('denied', { site: b });
    host.logger('documents').info('expected', { site: b });
    const counts = { documents: 0, peers: 0, connections: 0, queuedBytes: 0 };
    const written = text({ background: background.read(), host: { ...host.read(), counts } });
    expect(written).toMatch(/admission: admitted site 1$/m);
    expect(written).toMatch(/admission: denied site 2$/m);
    expect(written).toMatch(/documents: expected site 2$/m);
    expect(written).not.toContain('example');
  });

  it('says how often an event happened', () => {
    const log = new DiagnosticLog(() => 0);
    for (let count = 0; count < 9; count++) log.logger('host').info('idle');
    expect(text({ background: log.read() })).toMatch(/info host: idle ×6 since 1970-01-01T00:00:00.000Z$/m);
  });

  it('leaves out all but the last entries, and says so', () => {
    const log = new DiagnosticLog(() => 0);
    for (const [name, [key]] of Object.entries(KEYS)) {
      const { info } = log.logger(name as 'peers');
      for (let count = 0; count < 64; count++) {
        info(key as 'started', { site: { origin: `https://${count}.example`, isPrivate: false } });
      }
    }
    const written = text({ background: log.read() });
    expect(written.match(/ info /g)).toHaveLength(MOST_SHOWN);
    expect(written).toContain(`(${Object.keys(KEYS).length * 64 - MOST_SHOWN} older entries are left out)`);
  });
});
