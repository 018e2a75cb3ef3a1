// The engine host, wherever the browser runs it: wires the engine to the ways by which tickets, ports and death sensors
// arrive there.
import {
  isFromPage,
  request,
  serve,
  type MessageEventSource,
  type SendMessage,
  type Sender,
} from '../../src/channel/control';
import { messagePortEndpoint, runtimePortEndpoint } from '../../src/channel/endpoint';
import { EngineHost } from '../../src/engine/engine-host';
import { canForwardFrames, forwardingPaths, relayingPaths } from '../../src/engine/calls/media-paths';
import { PlaceholderFrames } from '../../src/engine/calls/placeholder-frames';
import { DOCUMENT_PORT, type BridgeDelivery } from '../../src/protocol/control-messages';
import { HOST_STARTED, LIVE_PORT } from '../../src/protocol/live-messages';
import { UncollectedConnections } from '../../src/engine/policy/uncollected-connections';
import { runtime, sendMessage } from '../platform/runtime';

/** What differs by where the host runs. */
export interface Doors {
  /** Rejects where the background does not answer. */
  sendToBackground: SendMessage;
  /** Where the background's requests come from, and perhaps others'. */
  requests: MessageEventSource;
  isFromBackground: (sender: Sender) => boolean;
  /** Where the ports come from that bridge frames took out of their pages. */
  onBridgeDelivery: (listener: (delivery: unknown, port: MessagePort) => void) => void;
  /** The host has something to do from now on, or has nothing left. */
  onOccupied: (isOccupied: boolean) => void;
  /** Closed RTCPeerConnections count towards the browser's limit until they are collected. */
  countsClosedConnections: boolean;
}

const placeholders = new PlaceholderFrames();
type Port = Parameters<Parameters<typeof runtime.onConnect.addListener>[0]>[0];

const panelUrl = runtime.getURL('extension/panel/index.html');

export function startHost(doors: Doors): void {
  const { sendToBackground, requests, isFromBackground, onBridgeDelivery, onOccupied, countsClosedConnections } = doors;
  const uncollected = countsClosedConnections ? new UncollectedConnections() : undefined;
  const createPeerConnection = (config: RTCConfiguration): RTCPeerConnection => {
    const peerConnection = new RTCPeerConnection(config);
    return uncollected?.add(peerConnection) ?? peerConnection;
  };
  const host = new EngineHost({
    createWebSocket: (url) => new WebSocket(url),
    createPeerConnection,
    ...(uncollected && { uncollected }),
    mediaPaths: () =>
      canForwardFrames() ? forwardingPaths(createPeerConnection, placeholders) : relayingPaths(createPeerConnection),
    fetch: (input, init) => fetch(input, init),
    clock: { now: () => performance.now(), later: (task, delayMs) => setTimeout(task, delayMs) },
    background: {
      admit: (document, start) => request(sendToBackground, { to: 'background', type: 'admit', document, start }),
      leased: (document, identity, named) => {
        void request(sendToBackground, { to: 'background', type: 'identity.leased', document, identity, named });
      },
    },
    onIdle: () => {
      void request(sendToBackground, { to: 'background', type: 'host.idle' });
    },
    onConnections: (tabs) => {
      // It is shown and nothing more; the next change tells again.
      request(sendToBackground, { to: 'background', type: 'host.connections', tabs }).catch(() => undefined);
    },
    onParked: (document) => {
      // Should it fail, they end after a while all the same.
      request(sendToBackground, { to: 'background', type: 'host.waiting', document }).catch(() => undefined);
    },
    onOccupied,
  });

  serve(requests, 'host', {
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
    leaveTab: async ({ tabId }, sender) => {
      onlyFromBackground(sender);
      host.leaveTab(tabId);
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

  function onlyFromBackground(sender: Sender): void {
    if (!isFromBackground(sender)) throw new Error('Only the background may ask this.');
  }
}
