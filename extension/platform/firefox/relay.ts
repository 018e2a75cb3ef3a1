// The SharedWorker that bridge frames and the event page have in common: a frame cannot post to the event page, and a port
// cannot go by a runtime message.

/** To the relay. */
export type RelayMessage =
  /** From the event page: what is delivered is for this port from now on. */
  | { type: 'hello' }
  /** From a bridge frame, with the page's port; the relay passes both on as they came. */
  | { type: 'deliver'; delivery: unknown };

/** The port of this context to the relay, which starts with its first port and ends with its last document. */
export function openRelay(): MessagePort {
  return new SharedWorker(new URL('../../relay/index.ts', import.meta.url), { type: 'module' }).port;
}

/** For the event page, once: what bridge frames have delivered before is told too. */
export function onBridgeDelivery(listener: (delivery: unknown, port: MessagePort) => void): void {
  const relay = openRelay();
  relay.onmessage = ({ data, ports }: MessageEvent<RelayMessage>) => {
    const [port] = ports;
    if (port && data.type === 'deliver') listener(data.delivery, port);
  };
  const hello: RelayMessage = { type: 'hello' };
  relay.postMessage(hello);
}
