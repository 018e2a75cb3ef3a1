// Tests the self-test with scripted Peers: the step that it reaches, and the reason that it reports.
import { EventEmitter } from 'eventemitter3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PeerConstructor } from '../../../extension/welcome/peer-api';
import { runSelfTest, type SelfTestResult, type Step } from '../../../extension/welcome/self-test';

/** The failure of each part, if any. */
interface World {
  host?: 'denies' | 'is silent';
  server?: 'refuses' | 'is silent';
  roundTrip?: 'fails' | 'is silent' | 'closes' | 'garbles';
}

class FakeConnection extends EventEmitter {
  send(data: unknown): void {
    queueMicrotask(() => this.emit('data', data));
  }
}

function makeWorld({ host, server, roundTrip }: World = {}) {
  const destroyed: string[] = [];
  const steps: Step[] = [];
  let now = 0;
  const peers = new Map<string, EventEmitter>();

  function createPeerApi(onAttached: () => void): PeerConstructor {
    class FakePeer extends EventEmitter {
      readonly id = `peer-${peers.size + 1}`;

      constructor() {
        super();
        peers.set(this.id, this);
        setTimeout(() => this.#start(), 10);
      }

      #start(): void {
        if (host === 'denies') this.emit('error', new Error('host is gone'));
        if (host) return;
        onAttached();
        if (server === 'refuses') this.emit('error', new Error('no such server'));
        if (!server) this.emit('open', this.id);
      }

      connect(id: string): FakeConnection {
        const connection = new FakeConnection();
        if (roundTrip === 'is silent') return connection;
        setTimeout(() => {
          if (roundTrip === 'fails') this.emit('error', new Error('peer unavailable'));
          else if (roundTrip === 'closes') connection.emit('close');
          else {
            const incoming = new FakeConnection();
            incoming.send = (data) => {
              now += 3;
              connection.emit('data', roundTrip === 'garbles' ? 'garbage' : data);
            };
            connection.send = (data) => incoming.emit('data', data);
            peers.get(id)?.emit('connection', incoming);
            connection.emit('open');
          }
        }, 10);
        return connection;
      }

      destroy(): void {
        destroyed.push(this.id);
      }
    }
    return FakePeer as unknown as PeerConstructor;
  }

  const run = (): Promise<SelfTestResult> =>
    runSelfTest({ createPeerApi, options: {}, now: () => now, onStep: (step) => steps.push(step) });
  return { run, steps, destroyed, peers };
}

async function settle(world: World) {
  const { run, steps, destroyed, peers } = makeWorld(world);
  const result = run();
  await vi.runAllTimersAsync();
  return { result: await result, steps, destroyed: destroyed.length, made: peers.size };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('self-test', () => {
  it('passes all steps and reports the round trip', async () => {
    const { result, steps, destroyed } = await settle({});
    expect(result).toEqual({ isPassed: true, roundTripMs: 3 });
    expect(steps).toEqual(['host', 'server', 'connection']);
    expect(destroyed).toBe(2);
  });

  it.each<[World, SelfTestResult]>([
    [{ host: 'denies' }, { isPassed: false, failed: 'host', reason: 'host is gone' }],
    [{ host: 'is silent' }, { isPassed: false, failed: 'host' }],
    [{ server: 'refuses' }, { isPassed: false, failed: 'server', reason: 'no such server' }],
    [{ server: 'is silent' }, { isPassed: false, failed: 'server' }],
    [{ roundTrip: 'fails' }, { isPassed: false, failed: 'connection', reason: 'peer unavailable' }],
    [{ roundTrip: 'is silent' }, { isPassed: false, failed: 'connection' }],
    [{ roundTrip: 'closes' }, { isPassed: false, failed: 'connection', reason: 'The connection was closed.' }],
    [
      { roundTrip: 'garbles' },
      {
        isPassed: false,
        failed: 'connection',
        reason: 'The message that came back differs from the one that was sent.',
      },
    ],
  ])('reports the failed step and the reason for %o', async (world, expected) => {
    const { result, steps, destroyed, made } = await settle(world);
    expect(result).toEqual(expected);
    expect(steps).toEqual(['host', 'server', 'connection'].slice(0, steps.length));
    expect(steps).not.toContain(expected.isPassed ? '' : expected.failed);
    expect(destroyed).toBe(made);
  });
});
