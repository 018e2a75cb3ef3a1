// What the engine needs of the world, faked: sockets, peer connections, a background that admits, a page at the port.
import { noStandIns } from './encoded-end';
import { ConnectionCensus } from '../../../src/engine/connection-census';
import { LiveIds } from '../../../src/engine/live-ids';
import { forwardingWays } from '../../../src/engine/media-ways';
import { WindowBudget } from '../../../src/engine/flow-window';
import { Quotas } from '../../../src/engine/quotas';
import { WaitingRoom } from '../../../src/engine/waiting-room';
import { DEFAULT_LIMITS } from '../../../src/origin/policy';
import type { PeerContext } from '../../../src/engine/peer-context';
import type { Admission, Conditions, Identity } from '../../../src/protocol/control-messages';
import type { PeerServerAddress } from '../../../src/protocol/peer-server';
import { peerStart } from './page-messages';
import { FakeOutboxClock } from './outbox-clock';
import { FakePeerConnections } from './peer-connection';
import { FakeWebSockets } from './web-socket';

export interface HostedWorld {
  sockets: FakeWebSockets;
  peerConnections: FakePeerConnections;
  context: PeerContext;
  /** The one in `context`. */
  clock: FakeOutboxClock;
  /** What the server answers with over HTTP. */
  respond: (response: () => Response) => void;
  /** What was asked over HTTP. */
  requests: { url: string; init: RequestInit | undefined }[];
}

/** What the background sets where the user has changed nothing. */
export const CONDITIONS: Conditions = {
  allows: { data: true, calls: true },
  limits: DEFAULT_LIMITS,
  iceServers: [],
  iceServersMode: 'add',
  relayedOnly: false,
};

/** To the server that `peerStart` names, unless told otherwise. */
export function admissionOf(identities: Identity[] = [], others: Partial<Admission> = {}): Admission {
  return { identities, server: peerStart().server as PeerServerAddress, isOwnServer: false, ...CONDITIONS, ...others };
}

export function hostedWorld(): HostedWorld {
  const sockets = new FakeWebSockets();
  const peerConnections = new FakePeerConnections();
  const requests: HostedWorld['requests'] = [];
  let answer = (): Response => Response.json([]);
  const clock = new FakeOutboxClock();
  const context: PeerContext = {
    liveIds: new LiveIds(),
    budget: new WindowBudget(),
    census: new ConnectionCensus({ now: () => 0, later: () => undefined }, () => undefined),
    quotas: new Quotas(),
    waitingRoom: new WaitingRoom(() => undefined),
    createWebSocket: sockets.create,
    createPeerConnection: peerConnections.create,
    mediaWays: () => forwardingWays(peerConnections.create, noStandIns),
    fetch: async (input, init) => {
      requests.push({ url: input as string, init });
      return answer();
    },
    clock,
  };
  return { sockets, peerConnections, context, clock, requests, respond: (response) => void (answer = response) };
}
