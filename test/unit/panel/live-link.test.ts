import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveLink, SILENCE_MS, type LiveState } from '../../../extension/panel/live-link';
import type { RuntimePort } from '../../../src/channel/endpoint';
import type { LiveReport } from '../../../src/protocol/live-messages';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const report = (at: number): LiveReport => ({ type: 'report', at, documents: [] });

class FakePort implements RuntimePort {
  readonly posted: unknown[] = [];
  isDisconnected = false;
  say!: (message: unknown) => void;
  /** The other end is gone, or never was. */
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

function makeLink() {
  const ports: FakePort[] = [];
  const states: LiveState[] = [];
  const started = new Set<() => void>();
  const link = new LiveLink({
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
  return { link, ports, states, startHost, started };
}

describe('LiveLink', () => {
  it('passes reports on', () => {
    const { ports, states } = makeLink();
    ports[0]!.say(report(1));
    expect(states).toEqual([{ status: 'live', report: report(1) }]);
  });

  it('opens its port again when a host starts, and polls for none', () => {
    const { ports, states, startHost } = makeLink();
    ports[0]!.end();
    expect(states).toEqual([{ status: 'none' }]);
    vi.advanceTimersByTime(60_000);
    expect([ports.length, vi.getTimerCount()]).toEqual([1, 0]);
    startHost();
    ports[1]!.say(report(1));
    expect(states.at(-1)).toEqual({ status: 'live', report: report(1) });
  });

  it('hears no more of a port that another has replaced', () => {
    const { ports, states, startHost } = makeLink();
    startHost();
    expect(ports[0]!.isDisconnected).toBe(true);
    ports[0]!.end();
    ports[0]!.say(report(1));
    expect(states).toEqual([]);
  });

  it('says that a host which is there says nothing, and that it speaks again', () => {
    const { ports, states } = makeLink();
    ports[0]!.say(report(1));
    vi.advanceTimersByTime(SILENCE_MS);
    expect(states.at(-1)).toEqual({ status: 'silent' });
    ports[0]!.say(report(2));
    expect(states.at(-1)).toMatchObject({ status: 'live' });
  });

  it('sends commands to a host, and says where there is none', () => {
    const { link, ports } = makeLink();
    expect(link.send({ type: 'close', connectionKey: '1/1' })).toBe(true);
    expect(ports[0]!.posted).toEqual([{ type: 'close', connectionKey: '1/1' }]);
    ports[0]!.end();
    expect(link.send({ type: 'close', connectionKey: '1/1' })).toBe(false);
  });

  it('lets go of everything at the end', () => {
    const { link, ports, started, states } = makeLink();
    link.close();
    expect([ports[0]!.isDisconnected, started.size, vi.getTimerCount()]).toEqual([true, 0, 0]);
    vi.advanceTimersByTime(SILENCE_MS);
    expect(states).toEqual([]);
  });
});
