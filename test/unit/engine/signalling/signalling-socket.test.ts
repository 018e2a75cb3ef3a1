import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientMessage } from '../../../../src/protocol/signalling';
import { Quota } from '../../../../src/engine/policy/quotas';
import { SignallingSocket, type Dial } from '../../../../src/engine/signalling/signalling-socket';
import { FakeWebSockets } from '../../../support/fakes/web-socket';

const server = { host: 'signal.example', port: 9000, path: '/app/', key: 'peerjs', secure: false };
const dial: Dial = { server, id: 'me', token: 'secret', pingIntervalMs: 5000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function makeSocket() {
  const sockets = new FakeWebSockets();
  const quota = new Quota();
  const socket = new SignallingSocket(sockets.create, quota);
  const events: string[] = [];
  for (const name of ['registered', 'replayed', 'lost'] as const) socket.on(name, () => events.push(name));
  socket.on('message', (message) => events.push(message.type));
  return { socket, sockets, events, quota };
}

function makeRegistered() {
  const made = makeSocket();
  made.socket.dial(dial);
  made.sockets.last.welcome();
  return { ...made, webSocket: made.sockets.last };
}

function offer(n: number): ClientMessage {
  return { type: 'OFFER', payload: { n }, dst: 'remote' };
}

describe('SignallingSocket', () => {
  it('dials PeerJS’s URL', () => {
    const { socket, sockets } = makeSocket();
    socket.dial(dial);
    expect(sockets.last.url).toBe('ws://signal.example:9000/app/peerjs?key=peerjs&id=me&token=secret&version=1.5.5');
  });

  it('is registered by OPEN', () => {
    const { socket, sockets, events } = makeSocket();
    socket.dial(dial);
    sockets.last.open();
    expect(events).toEqual([]);
    sockets.last.receive({ type: 'OPEN' });
    expect(events).toEqual(['registered']);
  });

  it('is registered by its echo if the server swaps sockets without OPEN', () => {
    const { socket, sockets, events } = makeSocket();
    socket.dial(dial);
    sockets.last.open();
    sockets.last.echo();
    expect(events).toEqual(['registered', 'replayed']);
  });

  it('registers once, whatever the order of OPEN, echo and other messages', () => {
    const { sockets, events } = makeRegistered();
    sockets.last.receive({ type: 'OPEN' });
    expect(events).toEqual(['registered', 'replayed']);
  });

  it.each([
    ['another peer', { src: 'remote' }],
    ['an earlier dial', { payload: { connectionId: 'probe_earlier' } }],
  ])('does not accept the probe of %s as its own', (_, difference) => {
    const { socket, sockets, events } = makeSocket();
    socket.dial(dial);
    sockets.last.open();
    const [probe] = sockets.last.messages;
    sockets.last.receive({ ...probe, src: 'me', ...difference });
    expect(events).toEqual(['registered', 'CANDIDATE']);
  });

  it('does not emit its own echo', () => {
    const { events } = makeRegistered();
    expect(events).not.toContain('CANDIDATE');
  });

  it('emits messages in order', () => {
    const { sockets, events } = makeRegistered();
    sockets.last.receive({ type: 'LEAVE', src: 'remote' });
    sockets.last.receive({ type: 'EXPIRE', src: 'remote' });
    expect(events.slice(-2)).toEqual(['LEAVE', 'EXPIRE']);
  });

  it.each(['', 'null', '[]', '{', '{"type":"TOSTRING"}', '{"type":"LEAVE"}', '{"type":"__proto__"}'])(
    'ignores %j',
    (text) => {
      const { sockets, events } = makeRegistered();
      sockets.last.receive(text);
      expect(events).toEqual(['registered', 'replayed']);
    },
  );

  it('ignores binary messages', () => {
    const { sockets, events } = makeRegistered();
    sockets.last.onmessage?.({ data: new ArrayBuffer(4) });
    expect(events).toEqual(['registered', 'replayed']);
  });

  describe('dial', () => {
    it('is lost if the server never answers', () => {
      const { socket, sockets, events } = makeSocket();
      socket.dial(dial);
      sockets.last.open();
      vi.advanceTimersByTime(19_999);
      expect(events).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(events).toEqual(['lost']);
      expect(sockets.last.isClosed).toBe(true);
    });

    it('has no deadline once it is registered', () => {
      const { events } = makeRegistered();
      vi.advanceTimersByTime(100_000);
      expect(events).not.toContain('lost');
    });

    it('is lost if the socket closes', () => {
      const { socket, sockets, events } = makeSocket();
      socket.dial(dial);
      sockets.last.drop();
      vi.advanceTimersByTime(100_000);
      expect(events).toEqual(['lost']);
    });

    it('is lost asynchronously if the URL is invalid', () => {
      const events: string[] = [];
      const socket = new SignallingSocket(() => {
        throw new SyntaxError('Invalid URL');
      }, new Quota());
      socket.on('lost', () => events.push('lost'));
      socket.dial(dial);
      events.push('dialled');
      vi.advanceTimersByTime(0);
      expect(events).toEqual(['dialled', 'lost']);
    });

    it('closes the former socket', () => {
      const { socket, sockets, events } = makeRegistered();
      socket.dial(dial);
      const [former, current] = sockets.made;
      expect(former!.isClosed).toBe(true);
      former!.drop();
      current!.welcome();
      expect(events).toEqual(['registered', 'replayed', 'registered', 'replayed']);
    });
  });

  describe('heartbeat', () => {
    const heartbeats = (sent: string[]): number => sent.filter((text) => text === '{"type":"HEARTBEAT"}').length;

    it('is sent at the page’s interval', () => {
      const { webSocket } = makeRegistered();
      vi.advanceTimersByTime(4999);
      expect(heartbeats(webSocket.sent)).toBe(0);
      vi.advanceTimersByTime(1);
      expect(heartbeats(webSocket.sent)).toBe(1);
      vi.advanceTimersByTime(50_000);
      expect(heartbeats(webSocket.sent)).toBe(11);
    });

    it('stops with the socket and leaves no timer', () => {
      const { socket, webSocket } = makeRegistered();
      socket.close();
      vi.advanceTimersByTime(50_000);
      expect(heartbeats(webSocket.sent)).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    });

    it('stops when the socket is lost', () => {
      const { webSocket } = makeRegistered();
      webSocket.drop();
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  describe('send', () => {
    it('waits until it is registered, and keeps the order', () => {
      const { socket, sockets } = makeSocket();
      socket.send(offer(1));
      socket.dial(dial);
      socket.send(offer(2));
      sockets.last.open();
      socket.send(offer(3));
      expect(sockets.last.signals).toEqual([]);
      sockets.last.receive({ type: 'OPEN' });
      socket.send(offer(4));
      expect(sockets.last.signals).toEqual([1, 2, 3, 4].map(offer));
    });

    it('sends messages again that a lost socket still held', () => {
      const { socket, sockets, webSocket } = makeRegistered();
      webSocket.drain();
      webSocket.isFlowing = false;
      socket.send(offer(1));
      socket.send(offer(2));
      webSocket.drain(JSON.stringify(offer(1)).length);
      webSocket.drop();
      socket.dial(dial);
      sockets.last.welcome();
      expect(sockets.last.signals).toEqual([offer(2)]);
    });

    it('sends a message again of which only a part was sent', () => {
      const { socket, sockets, webSocket } = makeRegistered();
      webSocket.drain();
      webSocket.isFlowing = false;
      socket.send(offer(1));
      webSocket.drain(5);
      webSocket.drop();
      socket.dial(dial);
      sockets.last.welcome();
      expect(sockets.last.signals).toEqual([offer(1)]);
    });

    it('does not send messages again that are on the network', async () => {
      const { socket, sockets, webSocket } = makeRegistered();
      socket.send(offer(1));
      await Promise.resolve();
      webSocket.drop();
      socket.dial(dial);
      sockets.last.welcome();
      expect(sockets.last.signals).toEqual([]);
    });

    it('does not send heartbeats again', () => {
      const { socket, sockets, webSocket } = makeRegistered();
      webSocket.isFlowing = false;
      vi.advanceTimersByTime(20_000);
      webSocket.drop();
      socket.dial(dial);
      sockets.last.welcome();
      expect(sockets.last.sent).toHaveLength(1);
    });

    it('sends repeated messages before later ones', () => {
      const { socket, sockets, webSocket } = makeRegistered();
      webSocket.drain();
      webSocket.isFlowing = false;
      socket.send(offer(1));
      webSocket.drop();
      socket.send(offer(2));
      socket.dial(dial);
      sockets.last.welcome();
      expect(sockets.last.signals).toEqual([1, 2].map(offer));
    });

    it('keeps queued messages through several failed dials', () => {
      const { socket, sockets } = makeSocket();
      for (let n = 1; n <= 3; n++) {
        socket.dial(dial);
        socket.send(offer(n));
        sockets.last.drop();
      }
      socket.dial(dial);
      sockets.last.welcome();
      expect(sockets.last.signals).toEqual([1, 2, 3].map(offer));
    });

    it('counts bytes, not characters', () => {
      const { socket, sockets, webSocket } = makeRegistered();
      webSocket.drain();
      webSocket.isFlowing = false;
      const wide = { ...offer(1), payload: { label: '漢'.repeat(100) } };
      socket.send(wide);
      socket.send(offer(2));
      webSocket.drain(new TextEncoder().encode(JSON.stringify(wide)).length);
      webSocket.drop();
      socket.dial(dial);
      sockets.last.welcome();
      expect(sockets.last.signals).toEqual([offer(2)]);
    });
  });

  describe('queue', () => {
    const large = (bytes: number): ClientMessage => ({ ...offer(1), payload: { text: 'x'.repeat(bytes / 2) } });

    it('counts in the site’s quota until the network has the message', () => {
      const { socket, sockets, quota } = makeSocket();
      socket.send(offer(1));
      const bytes = quota.queuedBytes;
      expect(bytes).toBe(JSON.stringify(offer(1)).length * 2);
      socket.dial(dial);
      sockets.last.isFlowing = false;
      sockets.last.welcome();
      expect(quota.queuedBytes).toBe(bytes);
      sockets.last.drain();
      vi.advanceTimersByTime(5000);
      expect(quota.queuedBytes).toBe(0);
    });

    it('refuses a message beyond the site’s limit, and loses no other', () => {
      const { socket, sockets, quota } = makeSocket();
      quota.limits = { peers: 1, connections: 1, queuedBytes: 200 };
      expect([socket.send(offer(1)), socket.send(offer(2))]).toEqual([undefined, undefined]);
      expect(socket.send(large(1000))).toContain('200 bytes');
      socket.dial(dial);
      sockets.last.welcome();
      expect(sockets.last.signals).toEqual([1, 2].map(offer));
    });

    it('holds 4096 messages of a Peer at most, before it is registered and while its network is slow', () => {
      const { socket, sockets } = makeSocket();
      const taken = () => Array.from({ length: 5000 }, (_, n) => socket.send(offer(n))).filter((refusal) => !refusal);
      expect(taken()).toHaveLength(4096);
      socket.dial(dial);
      sockets.last.isFlowing = false;
      sockets.last.welcome();
      expect(taken()).toHaveLength(0);
      sockets.last.drain();
      expect(taken()).toHaveLength(4096);
    });

    it('holds 16 MiB of a Peer at most', () => {
      const { socket, quota } = makeSocket();
      const refusals = Array.from({ length: 20 }, () => socket.send(large(1024 * 1024)));
      expect(refusals.filter((refusal) => refusal === undefined)).toHaveLength(15);
      expect(refusals.at(-1)).toMatch(/16 MiB/);
      expect(quota.queuedBytes).toBeLessThanOrEqual(16 * 1024 * 1024);
    });

    it('no longer counts messages that are forgotten or whose Peer has ended', () => {
      const { socket, quota } = makeSocket();
      socket.send({ ...offer(1), payload: { connectionId: 'dc_1' } });
      socket.send(offer(2));
      socket.forget('dc_1');
      expect(quota.queuedBytes).toBe(JSON.stringify(offer(2)).length * 2);
      socket.end();
      expect(quota.queuedBytes).toBe(0);
    });

    it('refuses a message that cannot be written as JSON', () => {
      const { socket, quota } = makeSocket();
      const cycle: Record<string, unknown> = {};
      cycle.itself = cycle;
      expect(socket.send({ type: 'OFFER', payload: cycle })).toMatch(/^The message cannot be sent/);
      expect(socket.send({ type: 'OFFER', payload: 1n })).toMatch(/^The message cannot be sent/);
      expect(quota.queuedBytes).toBe(0);
    });
  });

  it('forgets the queued messages of one connection only', () => {
    const { socket, sockets } = makeSocket();
    const [mine, other] = ['dc_1', 'dc_2'].map((connectionId) => ({ ...offer(1), payload: { connectionId } }));
    socket.send(mine!);
    socket.send(other!);
    socket.forget('dc_1');
    socket.dial(dial);
    sockets.last.welcome();
    expect(sockets.last.signals).toEqual([other]);
  });

  describe('close', () => {
    it('emits nothing, whatever the old socket does afterwards', () => {
      const { socket, webSocket, events } = makeRegistered();
      const { onopen, onmessage, onclose } = webSocket;
      socket.close();
      expect([webSocket.onopen, webSocket.onmessage, webSocket.onclose]).toEqual([null, null, null]);
      expect([onopen, onmessage, onclose]).not.toContain(null);
      expect(events).toEqual(['registered', 'replayed']);
      expect(webSocket.isClosed).toBe(true);
    });

    it('is idempotent', () => {
      const { socket, events } = makeRegistered();
      socket.close();
      socket.close();
      vi.advanceTimersByTime(100_000);
      expect(events).toEqual(['registered', 'replayed']);
    });

    it('cancels a dial', () => {
      const { socket, sockets, events } = makeSocket();
      socket.dial(dial);
      socket.close();
      vi.advanceTimersByTime(100_000);
      expect(events).toEqual([]);
      expect(sockets.last.isClosed).toBe(true);
    });

    it('cancels the loss of a dial with an invalid URL', () => {
      const socket = new SignallingSocket(() => {
        throw new SyntaxError('Invalid URL');
      }, new Quota());
      const lost = vi.fn();
      socket.on('lost', lost);
      socket.dial(dial);
      socket.close();
      vi.advanceTimersByTime(100_000);
      expect(lost).not.toHaveBeenCalled();
    });
  });
});
