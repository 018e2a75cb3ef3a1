import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LivePort, SILENCE_MS, type LiveState } from '../../../extension/panel/live-port';
import type { RuntimePort } from '../../../src/channel/endpoint';
import type { LiveReport } from '../../../src/protocol/live-messages';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const report = (at: number): LiveReport => ({ type: 'report', at, documents: [] });

class FakePort implements RuntimePort {
  readonly posted: unknown[] = [];
  isDisconnected = false;
  say!: (message: unknown) => void;
  /** Simulates that the other end is gone, or never existed. */
  end!: () => void;
  readonly onMessage = { addListener: (listener: (message: unknown) => void) => void (this.say = listener) };
  readonly onDisconnect = { addListener: (listener: () => void) => void (this.end = listener) };

  postMessage(message: unknown): void {
    this.posted.push(message);
  }

  disconnect(): void {
    this.isDisconnected = true;
  }
}

function makeLivePort() {
  const ports: FakePort[] = [];
  const states: LiveState[] = [];
  const started = new Set<() => void>();
  const livePort = new LivePort({
    connect: () => {
      const port = new FakePort();
      ports.push(port);
      return port;
    },
    onHostStarted: (listener) => {
      started.add(listener);
      return () => started.delete(listener);
    },
    onChange: (state) => states.push(state),
  });
  const startHost = () => started.forEach((listener) => listener());
  return { livePort, ports, states, startHost, started };
}

describe('LivePort', () => {
  it('passes reports on', () => {
    const { ports, states } = makeLivePort();
    ports[0]!.say(report(1));
    expect(states).toEqual([{ status: 'live', report: report(1) }]);
  });

  it('opens its port again when a host starts, without polling', () => {
    const { ports, states, startHost } = makeLivePort();
    ports[0]!.end();
    expect(states).toEqual([{ status: 'none' }]);
    vi.advanceTimersByTime(60_000);
    expect([ports.length, vi.getTimerCount()]).toEqual([1, 0]);
    startHost();
    ports[1]!.say(report(1));
    expect(states.at(-1)).toEqual({ status: 'live', report: report(1) });
  });

  it('ignores a port that another has replaced', () => {
    const { ports, states, startHost } = makeLivePort();
    startHost();
    expect(ports[0]!.isDisconnected).toBe(true);
    ports[0]!.end();
    ports[0]!.say(report(1));
    expect(states).toEqual([]);
  });

  it('reports a host that sends no reports, and reports when it sends them again', () => {
    const { ports, states } = makeLivePort();
    ports[0]!.say(report(1));
    vi.advanceTimersByTime(SILENCE_MS);
    expect(states.at(-1)).toEqual({ status: 'silent' });
    ports[0]!.say(report(2));
    expect(states.at(-1)).toMatchObject({ status: 'live' });
  });

  it('sends commands to a host, and returns false if no host runs', () => {
    const { livePort, ports } = makeLivePort();
    expect(livePort.send({ type: 'close', connectionKey: '1/1' })).toBe(true);
    expect(ports[0]!.posted).toEqual([{ type: 'close', connectionKey: '1/1' }]);
    ports[0]!.end();
    expect(livePort.send({ type: 'close', connectionKey: '1/1' })).toBe(false);
  });

  it('releases its port, listener and timer when closed', () => {
    const { livePort, ports, started, states } = makeLivePort();
    livePort.close();
    expect([ports[0]!.isDisconnected, started.size, vi.getTimerCount()]).toEqual([true, 0, 0]);
    vi.advanceTimersByTime(SILENCE_MS);
    expect(states).toEqual([]);
  });
});
