// The last step of a hand-over in Chrome: the offscreen document receives the page's port from the service worker.

export function onBridgeDelivery(listener: (delivery: unknown, port: MessagePort) => void): void {
  navigator.serviceWorker.addEventListener('message', ({ data, ports }) => {
    const [port] = ports;
    if (port) listener(data, port);
  });
  navigator.serviceWorker.startMessages();
}
