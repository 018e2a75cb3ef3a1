// The connections of one Peer with a fake socket and their page at the other end of the port.
import './media-globals';
import type { Hosted } from '../../../src/engine/peer/connection-registry';
import { PageOutbox } from '../../../src/engine/connection/page-outbox';
import type { PeerOwner } from '../../../src/engine/peer/peer-environment';
import { PeerConnections } from '../../../src/engine/peer/peer-connections';
import type { Offer } from '../../../src/engine/signalling/server-messages';
import type { Conditions } from '../../../src/protocol/control-messages';
import type { CallCreate, PortableConfiguration } from '../../../src/protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../../../src/protocol/signalling';
import { endpointPair } from './endpoint-pair';
import { CONDITIONS, hostedWorld } from './hosted-world';
import { description } from './media-connection';
import { callCreate } from './page-messages';
import { siteDocument } from './site-documents';
import { DATA_OFFER } from '../sdp-samples';

export function makeConnections(
  policy: Partial<Conditions> = {},
  config: PortableConfiguration = {},
  world = hostedWorld(),
) {
  const [host, page] = endpointPair();
  const outbox = new PageOutbox(world.clock, () => undefined);
  outbox.bind(host);
  const made: Hosted[] = [];
  let lastKey = 0;
  const owner: PeerOwner = {
    document: siteDocument(),
    hasPage: () => true,
    outbox,
    nextConnectionKey: () => --lastKey,
    whenRoom: (_, create) => {
      create();
    },
    addConnection: (connection) => void made.push(connection),
    addPageOwnedConnection: () => undefined,
    conditions: () => ({ ...CONDITIONS, ...policy }),
    quota: world.environment.quotas.join(siteDocument().site),
    pageLegs: { isProven: false },
    leased: () => undefined,
  };
  const sent: ClientMessage[] = [];
  const forgotten: string[] = [];
  const socket = {
    isRegistered: true,
    send: (message: object): string | undefined => {
      if (socket.refusal === undefined) sent.push(message as ClientMessage);
      return socket.refusal;
    },
    refusal: undefined as string | undefined,
    forget: (connectionId: string) => {
      forgotten.push(connectionId);
      return [];
    },
  };
  const { environment } = world;
  const connections = new PeerConnections({
    peerKey: 1,
    owner,
    environment,
    socket,
    config: () => config,
    customSerializers: () => ['mine'],
  });
  const types = () => page.received.slice(1).map((message) => (message as { type: string }).type);
  return { ...world, connections, page, made, sent, forgotten, types, socket, quota: owner.quota };
}

/** The parked connections of a former page, and the next page’s PeerConnections, which are to adopt them. */
export function makeReload(
  policy: Partial<Conditions> = {},
  begin: (former: ReturnType<typeof makeConnections>) => void = () => {},
) {
  const keeping = { keepsConnections: true, ...policy };
  const former = makeConnections(keeping);
  begin(former);
  former.connections.park();
  const next = makeConnections(keeping, {}, former);
  next.connections.prepareAdoption(former.connections.parkedPeer);
  return { former, next, peerConnections: former.peerConnections, clock: former.clock };
}

/** A direct call whose offer is out. */
export function makeCalling(create: Partial<CallCreate> = {}) {
  const world = makeConnections();
  world.connections.call(callCreate({ route: 'direct', ...create }));
  const signal = (type: SignalMessage['type']): void => {
    const payload = { type: 'media', connectionId: 'mc_1' };
    if ('handlePageSignal' in world.made[0]!) world.made[0].handlePageSignal('remote', { type, payload });
  };
  signal('OFFER');
  return { ...world, signal };
}

export const sdp = { type: 'offer' as const, sdp: description(['audio', 'sendrecv']) };

export const answerSdp = { type: 'answer' as const, sdp: '' };

const dataSdp = { type: 'offer' as const, sdp: DATA_OFFER };

export function offer(payload: Partial<Offer['payload']> = {}, src = 'remote'): Offer {
  const ofKind = payload.type === 'data' ? dataSdp : sdp;
  return { type: 'OFFER', src, payload: { sdp: ofKind, type: 'media', connectionId: 'mc_r', ...payload } };
}

export const candidate = (n: number) => ({ candidate: `candidate:${n}`, sdpMid: '0' });

export const candidateOf = (n: number, src = 'remote', connectionId = 'mc_r') => ({
  type: 'CANDIDATE' as const,
  src,
  payload: { candidate: candidate(n), connectionId },
});

const raw = { type: 'data', serialization: 'raw' } as const;

export const dataOffer = (n: number, src = 'remote') => offer({ ...raw, connectionId: `dc_${n}` }, src);
