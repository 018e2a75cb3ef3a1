// Wires up the engine host, in either browser: connects the engine with the background's requests, the documents' ports and
// the panel.
import {
  isFromPage,
  request,
  serve,
  type MessageEventSource,
  type SendMessage,
  type Sender,
} from '../../src/channel/control';
import { messagePortEndpoint, runtimePortEndpoint } from '../../src/channel/endpoint';
import { DiagnosticLog, type Given } from '../../src/diagnostics/diagnostic-log';
import { logUncaughtErrors } from '../../src/diagnostics/uncaught-errors';
import { EngineHost } from '../../src/engine/engine-host';
import { canForwardFrames, forwardingPaths, relayingPaths } from '../../src/engine/calls/media-paths';
import { PlaceholderFrames } from '../../src/engine/calls/placeholder-frames';
import { DOCUMENT_PORT, type BackgroundRequest, type BridgeDelivery } from '../../src/protocol/control-messages';
import { HOST_STARTED, LIVE_PORT } from '../../src/protocol/live-messages';
import { UncollectedConnections } from '../../src/engine/policy/uncollected-connections';
import { runtime, sendMessage } from '../platform/runtime';

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
  const diagnosticLog = new DiagnosticLog(Date.now);
  const log = diagnosticLog.logger('host');
  logUncaughtErrors(globalThis, log);
  log.info('started');
  // For whoever inspects the host: `peerportHostLog()` in its console. docs/logging.md.
  Object.assign(globalThis, { peerportHostLog: () => diagnosticLog.read().entries });
  const uncollected = countsClosedConnections ? new UncollectedConnections() : undefined;
  const createPeerConnection = (config: RTCConfiguration): RTCPeerConnection => {
    const peerConnection = new RTCPeerConnection(config);
    return uncollected?.add(peerConnection) ?? peerConnection;
  };
  const host = new EngineHost({
    createWebSocket: (url) => new WebSocket(url),
    createPeerConnection,
    ...(uncollected && { uncollected }),
    diagnosticLog,
    mediaPaths: () =>
      canForwardFrames() ? forwardingPaths(createPeerConnection, placeholders) : relayingPaths(createPeerConnection),
    fetch: (input, init) => fetch(input, init),
    clock: { now: () => performance.now(), later: (task, delayMs) => setTimeout(task, delayMs) },
    background: {
      admit: (document, start) => request(sendToBackground, { to: 'background', type: 'admit', document, start }),
      leased: (document, identity, named) => {
        const report = () =>
          request(sendToBackground, { to: 'background', type: 'identity.leased', document, identity, named });
        // Retries once, because the background may have stopped in between. A lease that it does not record is lost with the page.
        report().catch(report).catch(notReported('identity.leased'));
      },
    },
    onIdle: () => {
      // If the report is lost, the host repeats it while it stays idle.
      request(sendToBackground, { to: 'background', type: 'host.idle' }).catch(notReported('host.idle'));
    },
    onConnections: (tabs) => {
      // Only displayed: if the report is lost, the next change sends a new one.
      request(sendToBackground, { to: 'background', type: 'host.connections', tabs }).catch(
        notReported('host.connections'),
      );
    },
    onParked: (document) => {
      // If the report is lost, the parked connections still end by their timeout.
      request(sendToBackground, { to: 'background', type: 'host.waiting', document }).catch(
        notReported('host.waiting'),
      );
    },
    onOccupied: (isOccupied) => {
      log.info(isOccupied ? 'occupied' : 'idle');
      onOccupied(isOccupied);
    },
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
    diagnostics: async (_request, sender) => {
      onlyFromBackground(sender);
      return host.diagnostics();
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

  /** The background did not take a report that it can do without. */
  function notReported(request: BackgroundRequest['type'] & Given['request']): (error: unknown) => void {
    return (error) => log.warn('not-reported', { request, error });
  }

  function onlyFromBackground(sender: Sender): void {
    if (!isFromBackground(sender)) throw new Error('Only the background may send this request.');
  }
}
