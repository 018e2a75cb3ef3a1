import { afterEach, describe, expect, it } from 'vitest';
import { Relay } from '../../../extension/relay/relay';

const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

function makeChannel(): MessageChannel {
  const channel = new MessageChannel();
  opened.push(channel.port1, channel.port2);
  return channel;
}

/** A context of the extension that has connected to the relay. Its messages are delivered synchronously. */
function connectTo(relay: Relay) {
  const { port1, port2 } = makeChannel();
  relay.connect(port1);
  const say = (data: unknown, ports: MessagePort[] = []): void => {
    port1.onmessage?.call(port1, { data, ports } as unknown as MessageEvent);
  };
  return { port: port2, say };
}

/** Delivers a port through a bridge frame. Returns the page's end of the port. */
function deliver(relay: Relay, delivery: unknown): MessagePort {
  const { port1, port2 } = makeChannel();
  connectTo(relay).say({ type: 'deliver', delivery }, [port2]);
  return port1;
}

/** Connects a new event page. Returns the deliveries that reach it. */
function greet(relay: Relay) {
  const { port, say } = connectTo(relay);
  const deliveries: { delivery: unknown; port: MessagePort }[] = [];
  let onDelivery: () => void;
  port.onmessage = ({ data, ports }: MessageEvent<{ delivery: unknown }>) => {
    deliveries.push({ delivery: data.delivery, port: ports[0]! });
    opened.push(...ports);
    onDelivery();
  };
  say({ type: 'hello' });
  const arrived = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onDelivery = () => {
        if (deliveries.length === count) resolve();
      };
      onDelivery();
    });
  return { deliveries, arrived };
}

describe('the relay', () => {
  it('passes a delivery with its port on to the event page', async () => {
    const relay = new Relay();
    const { deliveries, arrived } = greet(relay);
    const page = deliver(relay, { ticket: 'ticket' });
    await arrived(1);
    expect(deliveries).toMatchObject([{ delivery: { ticket: 'ticket' } }]);
    const heard = new Promise((resolve) => {
      page.onmessage = ({ data }) => resolve(data);
    });
    deliveries[0]!.port.postMessage('moving');
    expect(await heard).toBe('moving');
  });

  it('queues deliveries until the event page connects', async () => {
    const relay = new Relay();
    deliver(relay, 'first');
    deliver(relay, 'second');
    const { deliveries, arrived } = greet(relay);
    await arrived(2);
    expect(deliveries).toMatchObject([{ delivery: 'first' }, { delivery: 'second' }]);
  });

  it('delivers only to the event page that connected last', async () => {
    const relay = new Relay();
    const former = greet(relay);
    deliver(relay, 'first');
    await former.arrived(1);
    const latter = greet(relay);
    deliver(relay, 'second');
    await latter.arrived(1);
    expect(latter.deliveries).toMatchObject([{ delivery: 'second' }]);
    expect(former.deliveries).toHaveLength(1);
  });

  it('closes the port of a delivery beyond its queue limit', async () => {
    const relay = new Relay();
    for (let count = 0; count < 256; count++) deliver(relay, count);
    const page = deliver(relay, 'too many');
    await new Promise((resolve) => page.addEventListener('close', resolve));
    const { deliveries, arrived } = greet(relay);
    await arrived(256);
    expect(deliveries.at(-1)).toMatchObject({ delivery: 255 });
  });

  it('ignores an empty message', () => {
    const { say } = connectTo(new Relay());
    expect(() => say(null)).not.toThrow();
  });
});
