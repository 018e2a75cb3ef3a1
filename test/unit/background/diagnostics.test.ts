import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeDiagnostics, type DiagnosticsDependencies } from '../../../extension/background/diagnostics';
import { DiagnosticLog } from '../../../src/diagnostics/diagnostic-log';
import { DEFAULT_POLICY } from '../../../src/sites/policy/policy';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NOBODY = () => Promise.reject(new Error('Receiving end does not exist.'));

function describeWith(dependencies: Partial<DiagnosticsDependencies> = {}): Promise<string> {
  return describeDiagnostics({
    log: new DiagnosticLog(() => 0),
    askHost: NOBODY,
    isHostInTrouble: async () => false,
    policy: { view: async () => ({ policy: DEFAULT_POLICY, managed: [] }) },
    managed: async () => ({}),
    defaults: DEFAULT_POLICY,
    version: '1.2.3',
    userAgent: 'browser',
    now: () => 0,
    ...dependencies,
  });
}

describe('describeDiagnostics', () => {
  it('says that no host runs', async () => {
    expect(await describeWith()).toContain('Host: not running, which is usual');
  });

  it('says that the host could not be started', async () => {
    expect(await describeWith({ isHostInTrouble: async () => true })).toContain('It could not be started');
  });

  it('says that the host gave no valid answer', async () => {
    const reply = { entries: ['https://chat.example'], sites: [], counts: {} };
    const text = await describeWith({ askHost: async () => reply });
    expect(text).toContain('Host: runs, and did not answer.');
    expect(text).not.toContain('chat.example');
  });

  it('does not wait for ever for a host that hangs', async () => {
    const text = describeWith({ askHost: () => new Promise(() => undefined) });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await text).toContain('Host: runs, and did not answer.');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('includes the entries of both contexts and the host’s counts', async () => {
    const [background, host] = [new DiagnosticLog(() => 0), new DiagnosticLog(() => 0)];
    background.logger('background').info('started');
    host.logger('host').info('started');
    const counts = { documents: 1, peers: 2, connections: 3, queuedBytes: 4 };
    const text = await describeWith({ log: background, askHost: async () => ({ ...host.read(), counts }) });
    expect(text).toMatch(/background: started\n[^]*host: started\n/);
    expect(text).toContain('1 documents, 2 Peers, 3 connections, 4 bytes queued');
  });

  it('counts members of the managed policy that are ignored as invalid', async () => {
    const sites = [{ origin: 'https://chat.example', decision: 'allow' }, { origin: 'no origin' }];
    const text = await describeWith({ managed: async () => ({ relayedOnly: 'perhaps', keepId: false, sites }) });
    expect(text).toContain('; 2 invalid members are ignored');
  });
});
