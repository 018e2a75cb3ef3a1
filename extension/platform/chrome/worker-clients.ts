// The service worker's clients: the extension's own frames and pages, and the messages that they post to it.
declare const self: ServiceWorkerGlobalScope;

/** Who posted a message, and from which page. */
export interface ClientMessage {
  data: unknown;
  ports: readonly MessagePort[];
  sourceUrl: string;
  origin: string;
}

/** Register at start-up. The worker is kept alive until the returned promise settles. */
export function onClientMessage(listener: (message: ClientMessage) => Promise<void>): void {
  self.addEventListener('message', (event) => {
    const { ports, source, origin } = event;
    const data: unknown = event.data;
    if (!(source instanceof WindowClient)) return;
    event.waitUntil(listener({ data, ports, sourceUrl: source.url, origin }));
  });
}

/** Posts to the page at `url`, if it is open. */
export async function postToClient(url: string, data: unknown, ports: readonly MessagePort[]): Promise<boolean> {
  const clients = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const client = clients.find((candidate) => candidate.url === url);
  client?.postMessage(data, [...ports]);
  return client !== undefined;
}
