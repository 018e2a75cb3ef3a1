// Wires up the engine host, in either browser: connects the engine with the background's requests, the documents' ports and
// the panel.
import { serve, type MessageEventSource, type SendMessage, type SenderKind } from '../../src/channel/control';
import { messagePortEndpoint } from '../../src/channel/endpoint';
import { startContextLog } from '../../src/diagnostics/context-log';
import { EngineHost, type HostEnvironment } from '../../src/engine/engine-host';
import { canForwardFrames, forwardingPaths, relayingPaths } from '../../src/engine/calls/media-paths';
import { PlaceholderFrames } from '../../src/engine/calls/placeholder-frames';
import { UncollectedConnections } from '../../src/engine/policy/uncollected-connections';
import type { BridgeDelivery } from '../../src/protocol/control-messages';
import { HOST_STARTED } from '../../src/protocol/live-messages';
import { runtime, sendMessage } from '../platform/runtime';
import { Background } from './background';
import { hostService } from './host-service';
import { IncomingPorts } from './incoming-ports';

/** What differs between browsers: how requests and ports reach the host. */
export interface Doors {
  /** Rejects if the background does not answer. */
  sendToBackground: SendMessage;
  /** The channel on which the background's requests arrive, possibly among other senders' requests. */
  requests: MessageEventSource;
  /** The background, as the sender of those requests. */
  background: SenderKind<true>;
  /** Registers the listener for ports that bridge frames have delivered from their pages. */
  onBridgeDelivery: (listener: (delivery: unknown, port: MessagePort) => void) => void;
  /** Called when the host becomes busy or idle. */
  onOccupied: (isOccupied: boolean) => void;
  /** Whether closed RTCPeerConnections count towards the browser's limit until they are garbage-collected. */
  countsClosedConnections: boolean;
}

const panelUrl = runtime.getURL('extension/panel/index.html');

export function startHost(doors: Doors): void {
  const host = createHost(doors);
  serve(doors.requests, 'host', hostService(host, doors.background));
  doors.onBridgeDelivery((delivery, port) => {
    host.move((delivery as Partial<BridgeDelivery> | null)?.ticket, messagePortEndpoint(port));
  });
  const ports = new IncomingPorts(host, runtime.id, panelUrl);
  runtime.onConnect.addListener((port) => ports.admit(port));
  // A panel that was open before the host started connects now. Rejects if no panel is open, which is the usual case.
  sendMessage(HOST_STARTED).catch(() => undefined);
}

function createHost({ sendToBackground, onOccupied, countsClosedConnections }: Doors): EngineHost {
  const diagnosticLog = startContextLog(globalThis, 'host');
  const log = diagnosticLog.logger('host');
  const background = new Background(sendToBackground, log);
  return new EngineHost({
    ...connections(countsClosedConnections),
    diagnosticLog,
    createWebSocket: (url) => new WebSocket(url),
    fetch: (input, init) => fetch(input, init),
    clock: { now: () => performance.now(), later: (task, delayMs) => setTimeout(task, delayMs) },
    background,
    onIdle: () => background.reportIdle(),
    onConnections: (tabs) => background.reportConnections(tabs),
    onParked: (document) => background.reportParked(document),
    onOccupied: (isOccupied) => {
      log.info(isOccupied ? 'occupied' : 'idle');
      onOccupied(isOccupied);
    },
  });
}

type Connections = Pick<HostEnvironment, 'createPeerConnection' | 'uncollected' | 'mediaPaths'>;

/** All RTCPeerConnections come from one function, which counts them where the browser counts closed ones. */
function connections(countsClosedConnections: boolean): Connections {
  const uncollected = countsClosedConnections ? new UncollectedConnections() : undefined;
  const createPeerConnection = (config: RTCConfiguration): RTCPeerConnection => {
    const peerConnection = new RTCPeerConnection(config);
    return uncollected?.add(peerConnection) ?? peerConnection;
  };
  const placeholders = new PlaceholderFrames();
  return {
    createPeerConnection,
    ...(uncollected && { uncollected }),
    mediaPaths: () =>
      canForwardFrames() ? forwardingPaths(createPeerConnection, placeholders) : relayingPaths(createPeerConnection),
  };
}
