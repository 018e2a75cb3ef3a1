// A fake environment for the engine: sockets, peer connections, a background that admits, and a page at the port.
import { noPlaceholders } from './encoded-end';
import { DiagnosticLog } from '../../../src/diagnostics/diagnostic-log';
import { ConnectionCensus } from '../../../src/engine/connection/connection-census';
import { IdsInUse } from '../../../src/engine/peer/ids-in-use';
import { forwardingPaths } from '../../../src/engine/calls/media-paths';
import { WindowBudget } from '../../../src/engine/data/flow-window';
import { Quotas } from '../../../src/engine/policy/quotas';
import { ParkedDocuments } from '../../../src/engine/reload/parked-documents';
import { DEFAULT_LIMITS } from '../../../src/sites/policy/policy';
import type { PeerEnvironment } from '../../../src/engine/peer/peer-environment';
import type { Admission, Conditions, Identity } from '../../../src/protocol/control-messages';
import type { PeerServerAddress } from '../../../src/protocol/peer-server';
import { peerStart } from './page-messages';
import { FakeOutboxClock } from './outbox-clock';
import { FakePeerConnections } from './peer-connection';
import { FakeWebSockets } from './web-socket';

export interface HostedWorld {
  sockets: FakeWebSockets;
  peerConnections: FakePeerConnections;
  environment: PeerEnvironment;
  /** The clock in `context`. */
  clock: FakeOutboxClock;
  /** Sets the server's HTTP response. */
  respond: (response: () => Response) => void;
  /** All HTTP requests to the server. */
  requests: { url: string; init: RequestInit | undefined }[];
}

/** The conditions for a user who has changed no settings. */
export const CONDITIONS: Conditions = {
  allows: { data: true, calls: true },
  limits: DEFAULT_LIMITS,
  iceServers: [],
  iceServersMode: 'add',
  relayedOnly: false,
};

/** An admission to the server of `peerStart`, with `others` replaced. */
export function admissionOf(identities: Identity[] = [], others: Partial<Admission> = {}): Admission {
  return { identities, server: peerStart().server as PeerServerAddress, isOwnServer: false, ...CONDITIONS, ...others };
}

export function hostedWorld(): HostedWorld {
  const sockets = new FakeWebSockets();
  const peerConnections = new FakePeerConnections();
  const requests: HostedWorld['requests'] = [];
  let answer = (): Response => Response.json([]);
  const clock = new FakeOutboxClock();
  const environment: PeerEnvironment = {
    idsInUse: new IdsInUse(),
    budget: new WindowBudget(),
    census: new ConnectionCensus({ now: () => 0, later: () => undefined }, () => undefined),
    quotas: new Quotas(),
    parkedDocuments: new ParkedDocuments(),
    createWebSocket: sockets.create,
    createPeerConnection: peerConnections.create,
    mediaPaths: () => forwardingPaths(peerConnections.create, noPlaceholders),
    fetch: async (input, init) => {
      requests.push({ url: input as string, init });
      return answer();
    },
    clock,
    diagnosticLog: new DiagnosticLog(() => 0),
  };
  return { sockets, peerConnections, environment, clock, requests, respond: (response) => void (answer = response) };
}
