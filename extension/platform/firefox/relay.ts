// Connects bridge frames and the event page through a SharedWorker: a frame cannot post to the event page directly, and runtime
// messages cannot transfer a port.

/** A message to the relay. */
export type RelayMessage =
  /** From the event page: all deliveries go to this port from now on. */
  | { type: 'hello' }
  /** From a bridge frame, with the page's port. The relay passes both on unchanged. */
  | { type: 'deliver'; delivery: unknown };

/** This context's port to the relay. The browser starts the relay for its first port and ends it with its last document. */
export function openRelay(): MessagePort {
  return new SharedWorker(new URL('../../relay/index.ts', import.meta.url), { type: 'module' }).port;
}

/** For the event page, once. Also receives the deliveries that the relay has queued. */
export function onBridgeDelivery(listener: (delivery: unknown, port: MessagePort) => void): void {
  const relay = openRelay();
  relay.onmessage = ({ data, ports }: MessageEvent<RelayMessage>) => {
    const [port] = ports;
    if (port && data.type === 'deliver') listener(data.delivery, port);
  };
  const hello: RelayMessage = { type: 'hello' };
  relay.postMessage(hello);
}
