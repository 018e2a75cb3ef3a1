// Chrome's engine host: the offscreen document. Wires the engine to the ways by which tickets, ports and death sensors
// arrive here.
import { isFromPage, request, serve, type Sender } from '../../src/channel/control';
import { messagePortEndpoint, runtimePortEndpoint } from '../../src/channel/endpoint';
import { EngineHost } from '../../src/engine/engine-host';
import { canForwardFrames, forwardingWays, relayingWays } from '../../src/engine/media-ways';
import { DOCUMENT_PORT, type BridgeDelivery } from '../../src/protocol/control-messages';
import { HOST_STARTED, LIVE_PORT } from '../../src/protocol/live-messages';
import { onBridgeDelivery } from '../platform/bridge-deliveries';
import { runtime, sendMessage } from '../platform/runtime';

type Port = Parameters<Parameters<typeof runtime.onConnect.addListener>[0]>[0];

const panelUrl = runtime.getURL('extension/panel/index.html');

const host = new EngineHost({
  createWebSocket: (url) => new WebSocket(url),
  createPeerConnection: (config) => new RTCPeerConnection(config),
  mediaWays: () => (canForwardFrames() ? forwardingWays : relayingWays)((config) => new RTCPeerConnection(config)),
  fetch: (input, init) => fetch(input, init),
  clock: { now: () => performance.now(), later: (task, delayMs) => setTimeout(task, delayMs) },
  background: {
    admit: (document, start) => request(sendMessage, { to: 'background', type: 'admit', document, start }),
    leased: (document, identity, named) => {
      void request(sendMessage, { to: 'background', type: 'identity.leased', document, identity, named });
    },
  },
  onIdle: () => {
    void request(sendMessage, { to: 'background', type: 'host.idle' });
  },
  onConnections: (tabs) => {
    // It is shown and nothing more; the next change tells again.
    request(sendMessage, { to: 'background', type: 'host.connections', tabs }).catch(() => undefined);
  },
});

serve(runtime.onMessage, 'host', {
  expect: async ({ ticket, document, start, admission }, sender) => {
    onlyFromBackground(sender);
    host.expect(ticket, document, start, admission);
    return true;
  },
  documents: async (_request, sender) => {
    onlyFromBackground(sender);
    return host.documents();
  },
  enforce: async ({ verdicts }, sender) => {
    onlyFromBackground(sender);
    host.enforce(verdicts);
    return true;
  },
  testRelay: async ({ server }, sender) => {
    onlyFromBackground(sender);
    return host.testRelay(server);
  },
  release: async (_request, sender) => {
    onlyFromBackground(sender);
    return { isIdle: host.isIdle };
  },
});

onBridgeDelivery((delivery, port) => {
  host.move((delivery as Partial<BridgeDelivery> | null)?.ticket, messagePortEndpoint(port));
});

runtime.onConnect.addListener((port) => {
  if (port.name === DOCUMENT_PORT) admitDocument(port);
  else if (port.name === LIVE_PORT) admitWatcher(port);
});

// A panel that is open already has found nobody; mostly there is none.
sendMessage(HOST_STARTED).catch(() => undefined);

function admitDocument(port: Port): void {
  const showTicket = (ticket: unknown) => {
    port.onMessage.removeListener(showTicket);
    const onGone = host.bind(ticket, port.sender?.documentId, runtimePortEndpoint(port));
    if (onGone) port.onDisconnect.addListener(onGone);
  };
  port.onMessage.addListener(showTicket);
}

/** The panel sees every site's connections and may end them; a content script, and so perhaps a page, may not. */
function admitWatcher(port: Port): void {
  if (!port.sender || !isFromPage(port.sender, runtime.id, panelUrl)) {
    port.disconnect();
    return;
  }
  port.onDisconnect.addListener(host.watch(runtimePortEndpoint(port)));
}

/**
 * Content scripts can send runtime messages too, and where a page is framed by a page of another extension, there is no tab
 * either. The background alone is of this extension and has no document.
 */
function onlyFromBackground({ id, url, tab, documentId }: Sender): void {
  const isOurs = id === runtime.id && url?.startsWith(runtime.getURL('')) === true;
  if (!isOurs || tab !== undefined || documentId !== undefined) throw new Error('Only the background may ask this.');
}
