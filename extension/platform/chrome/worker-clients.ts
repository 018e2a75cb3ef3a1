// Messages between the service worker and its clients, the extension's own frames and pages.
declare const self: ServiceWorkerGlobalScope;

/** A message that a client has posted, and where it came from. */
export interface ClientMessage {
  data: unknown;
  ports: readonly MessagePort[];
  sourceUrl: string;
  origin: string;
}

/** Register it at start-up. The worker stays alive until the listener's promise settles. */
export function onClientMessage(listener: (message: ClientMessage) => Promise<void>): void {
  self.addEventListener('message', (event) => {
    const { ports, source, origin } = event;
    const data: unknown = event.data;
    if (!(source instanceof WindowClient)) return;
    event.waitUntil(listener({ data, ports, sourceUrl: source.url, origin }));
  });
}

/** Posts to the page at `url`. False if the page is not open. */
export async function postToClient(url: string, data: unknown, ports: readonly MessagePort[]): Promise<boolean> {
  const clients = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const client = clients.find((candidate) => candidate.url === url);
  client?.postMessage(data, [...ports]);
  return client !== undefined;
}
