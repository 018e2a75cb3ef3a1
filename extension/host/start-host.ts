// Wires up the engine host, in either browser: connects the engine with the background's requests, the documents' ports and
// the panel.
import { isFromPage, serve, type MessageEventSource, type SendMessage, type Sender } from '../../src/channel/control';
import { messagePortEndpoint, runtimePortEndpoint } from '../../src/channel/endpoint';
import { EngineHost } from '../../src/engine/engine-host';
import { canForwardFrames, forwardingPaths, relayingPaths } from '../../src/engine/calls/media-paths';
import { PlaceholderFrames } from '../../src/engine/calls/placeholder-frames';
import { DOCUMENT_PORT, type BridgeDelivery } from '../../src/protocol/control-messages';
import { HOST_STARTED, LIVE_PORT } from '../../src/protocol/live-messages';
import { UncollectedConnections } from '../../src/engine/policy/uncollected-connections';
import { runtime, sendMessage } from '../platform/runtime';
import { Background } from './background';

/** What differs between browsers: how requests and ports reach the host. */
export interface Doors {
  /** Rejects if the background does not answer. */
  sendToBackground: SendMessage;
  /** The channel on which the background's requests arrive, possibly among other senders' requests. */
  requests: MessageEventSource;
  isFromBackground: (sender: Sender) => boolean;
  /** Registers the listener for ports that bridge frames have delivered from their pages. */
  onBridgeDelivery: (listener: (delivery: unknown, port: MessagePort) => void) => void;
  /** Called when the host becomes busy or idle. */
  onOccupied: (isOccupied: boolean) => void;
  /** Whether closed RTCPeerConnections count towards the browser's limit until they are garbage-collected. */
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
  const background = new Background(sendToBackground);
  const host = new EngineHost({
    createWebSocket: (url) => new WebSocket(url),
    createPeerConnection,
    ...(uncollected && { uncollected }),
    mediaPaths: () =>
      canForwardFrames() ? forwardingPaths(createPeerConnection, placeholders) : relayingPaths(createPeerConnection),
    fetch: (input, init) => fetch(input, init),
    clock: { now: () => performance.now(), later: (task, delayMs) => setTimeout(task, delayMs) },
    background,
    onIdle: () => background.reportIdle(),
    onConnections: (tabs) => background.reportConnections(tabs),
    onParked: (document) => background.reportParked(document),
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

  // A panel that was open before the host started connects now. Rejects if no panel is open, which is the usual case.
  sendMessage(HOST_STARTED).catch(() => undefined);

  function admitDocument(port: Port): void {
    const showTicket = (ticket: unknown) => {
      port.onMessage.removeListener(showTicket);
      const onGone = host.bind(ticket, port.sender?.documentId, runtimePortEndpoint(port));
      if (onGone) port.onDisconnect.addListener(onGone);
    };
    port.onMessage.addListener(showTicket);
  }

  /** Serves the panel, which sees every site's connections and may end them. Rejects content scripts, which a page may control. */
  function admitWatcher(port: Port): void {
    if (!port.sender || !isFromPage(port.sender, runtime.id, panelUrl)) {
      port.disconnect();
      return;
    }
    port.onDisconnect.addListener(host.watch(runtimePortEndpoint(port)));
  }

  function onlyFromBackground(sender: Sender): void {
    if (!isFromBackground(sender)) throw new Error('Only the background may send this request.');
  }
}
