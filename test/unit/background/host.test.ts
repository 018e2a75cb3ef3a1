import { describe, expect, it } from 'vitest';
import { DiagnosticLog } from '../../../src/diagnostics/diagnostic-log';
import { Host, type HostDependencies } from '../../../extension/background/host';
import type { HostRequest } from '../../../src/protocol/control-messages';
import { admissionOf } from '../../support/fakes/hosted-world';
import { siteDocument } from '../../support/fakes/site-documents';

type Expect = Extract<HostRequest, { type: 'expect' }>;

const TEST_RESULT = { candidate: { address: '192.0.2.1', port: 50_000, protocol: 'udp' } };

/** A fake of the offscreen document, as the background sees it. */
class FakeOffscreenDocument {
  isOpen = false;
  isIdle = true;
  opened = 0;
  readonly expected: string[] = [];
  readonly leftTabs: number[] = [];
  /** Delays the reply to `release`, and the opening, until it resolves. */
  gate: Promise<void> = Promise.resolve();

  readonly log = new DiagnosticLog(() => 0);
  readonly dependencies: HostDependencies = {
    now: () => 0,
    log: this.log.logger('host-life'),
    send: (async (message: HostRequest) => {
      if (!this.isOpen) throw new Error('Receiving end does not exist.');
      if (message.type === 'release') {
        const { isIdle } = this;
        await this.gate;
        return { isIdle };
      }
      if (message.type === 'testRelay') return TEST_RESULT;
      if (message.type === 'leaveTab') this.leftTabs.push(message.tabId);
      if (message.type === 'expect') this.expected.push(message.ticket);
      return true;
    }) as HostDependencies['send'],
    open: async () => {
      this.opened += 1;
      await this.gate;
      this.isOpen = true;
    },
    close: async () => {
      this.isOpen = false;
    },
  };
}

function makeHost() {
  const document = new FakeOffscreenDocument();
  return { document, host: new Host(document.dependencies) };
}

function expectation(ticket: string): Expect {
  const server = { host: 'localhost', port: 9000, path: '/', key: 'peerjs', secure: false };
  const start = { type: 'peer.start' as const, peerKey: 1, epoch: 1, server, pingInterval: 5000, config: {} };
  return { to: 'host', type: 'expect', ticket, document: siteDocument(), start, admission: admissionOf() };
}

function makeGate() {
  let open!: () => void;
  const gate = new Promise<void>((resolve) => (open = resolve));
  return { gate, open };
}

describe('host', () => {
  it('is opened by the first request that needs it', async () => {
    const { host, document } = makeHost();
    await host.expect(expectation('one'));
    expect(document.expected).toEqual(['one']);
  });

  it('is opened to test a relay, and reused if it already runs', async () => {
    const { host, document } = makeHost();
    const server = { urls: ['turn:relay.example'] };
    expect(await host.testRelay(server)).toEqual(TEST_RESULT);
    expect(await host.testRelay(server)).toEqual(TEST_RESULT);
    expect(document.opened).toBe(1);
  });

  it('is opened once for simultaneous requests', async () => {
    const { host, document } = makeHost();
    const { gate, open } = makeGate();
    document.gate = gate;
    const expected = ['one', 'two', 'three'].map((ticket) => host.expect(expectation(ticket)));
    open();
    await Promise.all(expected);
    expect(document.opened).toBe(1);
    expect(document.expected).toEqual(['one', 'two', 'three']);
  });

  it('is reused if an earlier worker has opened it', async () => {
    const { host, document } = makeHost();
    document.isOpen = true;
    await host.expect(expectation('one'));
    expect(document.opened).toBe(0);
  });

  it('is opened again after it has ended', async () => {
    const { host, document } = makeHost();
    await host.expect(expectation('one'));
    document.isOpen = false;
    await host.expect(expectation('two'));
    expect(document.opened).toBe(2);
  });

  it('rejects if it cannot be opened, and is tried again for the next request', async () => {
    const { host, document } = makeHost();
    const { open } = document.dependencies;
    document.dependencies.open = () => Promise.reject(new Error('no memory'));
    await expect(host.expect(expectation('one'))).rejects.toThrow('no memory');
    document.dependencies.open = open;
    await host.expect(expectation('two'));
    expect(document.expected).toEqual(['two']);
  });

  it('is closed when it is idle', async () => {
    const { host, document } = makeHost();
    document.isOpen = true;
    await host.closeIfIdle();
    expect(document.isOpen).toBe(false);
  });

  it('stays open if it is busy again', async () => {
    const { host, document } = makeHost();
    document.isOpen = true;
    document.isIdle = false;
    await host.closeIfIdle();
    expect(document.isOpen).toBe(true);
  });

  it('loses no request that arrives while it is being closed', async () => {
    const { host, document } = makeHost();
    document.isOpen = true;
    const { gate, open } = makeGate();
    document.gate = gate;
    const closed = host.closeIfIdle();
    const expected = host.expect(expectation('one'));
    open();
    await Promise.all([closed, expected]);
    expect(document.isOpen).toBe(true);
    expect(document.expected).toEqual(['one']);
  });

  it('learns that a tab has left its site, but is not opened for that', async () => {
    const { host, document } = makeHost();
    await host.leaveTab(1);
    expect(document.opened).toBe(0);
    document.isOpen = true;
    await host.leaveTab(2);
    expect(document.leftTabs).toEqual([2]);
  });

  it('may have ended already when it is to be closed', async () => {
    const { host } = makeHost();
    await expect(host.closeIfIdle()).resolves.toBeUndefined();
  });
});

describe('the log of the host’s life', () => {
  const keysOf = ({ log }: FakeOffscreenDocument): string[] => log.read().entries.map(({ key }) => key);

  it('tells that the host was opened and closed', async () => {
    const { document, host } = makeHost();
    await host.expect(expectation('a'));
    await host.closeIfIdle();
    expect(keysOf(document)).toEqual(['opened', 'closed']);
  });

  it('tells once that a host has vanished that nobody closed', async () => {
    const { document, host } = makeHost();
    await host.documents();
    await host.expect(expectation('a'));
    document.isOpen = false;
    await host.documents();
    await host.leaveTab(1);
    expect(keysOf(document)).toEqual(['opened', 'vanished']);
  });
});
