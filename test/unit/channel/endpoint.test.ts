import { describe, expect, it, vi } from 'vitest';
import { join, messagePortEndpoint, runtimePortEndpoint, type RuntimePort } from '../../../src/channel/endpoint';
import { endpointPair } from '../../support/fakes/endpoint-pair';

/** Resolves with the next message. */
function nextMessage(listen: (listener: (message: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve) => listen(resolve));
}

function nestedBeyondAnyStack(): unknown {
  let value: unknown = 1;
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  return value;
}

function makeRuntimePort() {
  const listeners: ((message: unknown) => void)[] = [];
  const port = {
    postMessage: vi.fn(),
    disconnect: vi.fn(),
    onMessage: { addListener: (listener: (message: unknown) => void) => void listeners.push(listener) },
    onDisconnect: { addListener: vi.fn() },
  } satisfies RuntimePort;
  return { port, endpoint: runtimePortEndpoint(port), listeners };
}

describe('messagePortEndpoint', () => {
  it('posts to the other port', async () => {
    const { port1, port2 } = new MessageChannel();
    const message = nextMessage((listener) => messagePortEndpoint(port2).listen(listener));
    messagePortEndpoint(port1).post({ a: 1 });
    expect(await message).toEqual({ a: 1 });
    port1.close();
  });

  it('queues messages until a listener is set', async () => {
    const { port1, port2 } = new MessageChannel();
    messagePortEndpoint(port1).post('early');
    expect(await nextMessage((listener) => messagePortEndpoint(port2).listen(listener))).toBe('early');
    port1.close();
  });

  it('transfers the given buffers', async () => {
    const { port1, port2 } = new MessageChannel();
    const message = nextMessage((listener) => messagePortEndpoint(port2).listen(listener));
    const buffer = new ArrayBuffer(4);
    messagePortEndpoint(port1).post({ buffer }, [buffer]);
    expect(buffer.byteLength).toBe(0);
    expect(await message).toEqual({ buffer: new ArrayBuffer(4) });
    port1.close();
  });

  it.each<[string, unknown]>([
    ['nested deeper than any stack', nestedBeyondAnyStack()],
    ['not cloneable', () => 'a function'],
  ])('returns false for a value that is %s, and still posts the next message', async (_, value) => {
    const { port1, port2 } = new MessageChannel();
    const endpoint = messagePortEndpoint(port1);
    const buffer = new ArrayBuffer(4);
    expect(endpoint.post({ value, buffer }, [buffer])).toBe(false);
    expect(buffer.byteLength).toBe(4);
    expect(endpoint.post('next')).toBe(true);
    expect(await nextMessage((listener) => messagePortEndpoint(port2).listen(listener))).toBe('next');
    port1.close();
  });

  it('closes its port', () => {
    const { port1 } = new MessageChannel();
    const close = vi.spyOn(port1, 'close');
    messagePortEndpoint(port1).close();
    expect(close).toHaveBeenCalledOnce();
  });
});

describe('runtimePortEndpoint', () => {
  it('posts, listens and closes', () => {
    const { port, endpoint, listeners } = makeRuntimePort();
    const heard: unknown[] = [];
    endpoint.listen((message) => heard.push(message));
    endpoint.post({ a: 1 });
    for (const listener of listeners) listener('answer');
    endpoint.close();
    expect(port.postMessage).toHaveBeenCalledExactlyOnceWith({ a: 1 });
    expect(heard).toEqual(['answer']);
    expect(port.disconnect).toHaveBeenCalledOnce();
  });

  it('does not throw if the other end is gone', () => {
    const { port, endpoint } = makeRuntimePort();
    port.postMessage.mockImplementation(() => {
      throw new Error('Attempting to use a disconnected port object');
    });
    expect(() => endpoint.post({})).not.toThrow();
  });
});

describe('join', () => {
  it('reports passed and refused messages of one end, and answers of the other', () => {
    const [left, joinedLeft] = endpointPair();
    const [right, joinedRight] = endpointPair();
    joinedRight.refuses = (message) => message === 'too large';
    const passed: unknown[] = [];
    const refused: unknown[] = [];
    const answers: unknown[] = [];
    join(joinedLeft, joinedRight, {
      onPassed: (message) => passed.push(message),
      onRefused: (message) => refused.push(message),
      onAnswer: (message) => answers.push(message),
    });
    for (const message of ['one', 'too large', 'two']) left.post(message);
    right.post('back');
    expect({ passed, refused, answers, received: right.received }).toEqual({
      answers: ['back'],
      passed: ['one', 'two'],
      refused: ['too large'],
      received: ['one', 'two'],
    });
  });

  it('passes messages on both ways, in order, and never back to their sender', () => {
    const [left, joinedLeft] = endpointPair();
    const [right, joinedRight] = endpointPair();
    left.post('before');
    join(joinedLeft, joinedRight);
    left.post('one');
    right.post('two');
    left.post('three');
    expect(right.received).toEqual(['before', 'one', 'three']);
    expect(left.received).toEqual(['two']);
  });
});
