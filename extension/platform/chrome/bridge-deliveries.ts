// Chrome's last leg of the hand-over: the service worker posts the page's port to the offscreen document.

export function onBridgeDelivery(listener: (delivery: unknown, port: MessagePort) => void): void {
  navigator.serviceWorker.addEventListener('message', ({ data, ports }) => {
    const [port] = ports;
    if (port) listener(data, port);
  });
  navigator.serviceWorker.startMessages();
}
