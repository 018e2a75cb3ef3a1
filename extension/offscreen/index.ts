// Chrome's engine host: the offscreen document. Wires the engine to the ways by which tickets, ports and death sensors
// arrive here.
import { request, serve, type Sender } from '../../src/channel/control';
import { messagePortEndpoint, runtimePortEndpoint } from '../../src/channel/endpoint';
import { EngineHost } from '../../src/engine/engine-host';
import { canForwardFrames, forwardingWays, relayingWays } from '../../src/engine/media-ways';
import { StandInFrames } from '../../src/engine/stand-in-frames';
import { DOCUMENT_PORT, type BridgeDelivery } from '../../src/protocol/control-messages';
import { onBridgeDelivery } from '../platform/bridge-deliveries';
import { runtime, sendMessage } from '../platform/runtime';

const standIns = new StandInFrames();
const createPeerConnection = (config: RTCConfiguration) => new RTCPeerConnection(config);

const host = new EngineHost({
  createWebSocket: (url) => new WebSocket(url),
  createPeerConnection,
  mediaWays: () =>
    canForwardFrames() ? forwardingWays(createPeerConnection, standIns) : relayingWays(createPeerConnection),
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
});

serve(runtime.onMessage, 'host', {
  expect: ({ ticket, document, start, admission }, sender) => {
    if (!isBackground(sender)) return Promise.reject(new Error('Only the background announces documents.'));
    host.expect(ticket, document, start, admission);
    return Promise.resolve(true);
  },
  release: () => Promise.resolve({ isIdle: host.isIdle }),
});

onBridgeDelivery((delivery, port) => {
  host.move((delivery as Partial<BridgeDelivery> | null)?.ticket, messagePortEndpoint(port));
});

runtime.onConnect.addListener((port) => {
  if (port.name !== DOCUMENT_PORT) return;
  const showTicket = (ticket: unknown) => {
    port.onMessage.removeListener(showTicket);
    const onGone = host.bind(ticket, port.sender?.documentId, runtimePortEndpoint(port));
    if (onGone) port.onDisconnect.addListener(onGone);
  };
  port.onMessage.addListener(showTicket);
});

/** Content scripts can send runtime messages too; they have a tab, the background has none. */
function isBackground(sender: Sender): boolean {
  return sender.id === runtime.id && sender.tab === undefined;
}
