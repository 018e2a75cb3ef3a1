// A hosted Peer with its page at the other end of the port, and the messages of its PeerServer.
import type { Hosted } from '../../../src/engine/peer/connection-registry';
import { HostedPeer } from '../../../src/engine/peer/hosted-peer';
import { PageOutbox } from '../../../src/engine/connection/page-outbox';
import type { PeerOwner } from '../../../src/engine/peer/peer-environment';
import type { RegistrationAdmission } from '../../../src/engine/peer/registration';
import type { Admission, Identity } from '../../../src/protocol/control-messages';
import type { PeerStart } from '../../../src/protocol/page-messages';
import { endpointPair } from './endpoint-pair';
import { admissionOf, CONDITIONS, hostedWorld, type HostedWorld } from './hosted-world';
import { peerStart as startMessage } from './page-messages';
import { siteDocument } from './site-documents';
import { DATA_OFFER } from '../sdp-samples';

/** A given token avoids computing a hash, so the Peer dials at once. */
export const peerStart = (start: Partial<PeerStart> = {}): PeerStart => startMessage({ token: 'token', ...start });

export const identity = (id: string): Identity => ({ id, secret: '0'.repeat(32) });

export const admitted = (...ids: string[]): Admission => admissionOf(ids.map(identity));

export const named = (id: string, start: Partial<PeerStart> = {}): PeerStart =>
  peerStart({ requestedId: id, ...start });

/** PeerJS's public server, and a server of the user's own. */
export const cloud = { host: '0.peerjs.com', port: 443, path: '/', key: 'peerjs', secure: true };

export const ownServer = { host: 'own.example', port: 9000, path: '/mine/', key: 'own-key', secure: true };

export function makePeer(world: HostedWorld = hostedWorld(), start = peerStart()) {
  const [host, page] = endpointPair();
  const leases: { id: string; named: boolean }[] = [];
  const connections: Hosted[] = [];
  const outbox = new PageOutbox(world.environment.clock, () => undefined);
  outbox.bind(host);
  const owner: PeerOwner = {
    document: siteDocument(),
    hasPage: () => true,
    outbox,
    nextConnectionKey: () => -1 - connections.length,
    whenRoom: (_, create) => {
      create();
    },
    addConnection: (connection) => void connections.push(connection),
    addPageOwnedConnection: () => undefined,
    conditions: () => CONDITIONS,
    quota: world.environment.quotas.join(siteDocument().site),
    pageLegs: { isProven: false },
    leased: ({ id }, isNamed) => void leases.push({ id, named: isNamed }),
  };
  const peer = new HostedPeer(start, owner, world.environment);
  return { ...world, peer, page, leases, connections };
}

/** Starts the Peer with nothing to wait for. */
export const register = (
  peer: HostedPeer,
  start: PeerStart,
  admission: RegistrationAdmission | undefined,
): Promise<void> => peer.register(peer.beginStart(start), admission);

/** A Peer that is registered under `id`. */
export function makeRegistered(id = 'me', start = peerStart()) {
  const made = makePeer(hostedWorld(), start);
  void register(made.peer, start, admitted(id));
  made.sockets.last.welcome();
  return { ...made, socket: made.sockets.last };
}

export function offerMessage(payload: Record<string, unknown> = {}, src = 'remote') {
  const sdp = { type: 'offer', sdp: DATA_OFFER };
  const usual = { sdp, type: 'data', connectionId: 'dc_r', label: 'l', reliable: true, serialization: 'json' };
  return { type: 'OFFER', src, payload: { ...usual, ...payload } };
}

export const candidateMessage = (n: number, src = 'remote', connectionId = 'dc_r') => ({
  type: 'CANDIDATE',
  src,
  payload: { candidate: { candidate: `candidate:${n}`, sdpMid: '0' }, type: 'data', connectionId },
});

/** The server reports every ID as taken, until the Peer gives up. */
export function refuseAll(sockets: HostedWorld['sockets']): void {
  for (let n = 0; n < 50 && !sockets.last.isClosed; n++) {
    sockets.last.open();
    sockets.last.receive({ type: 'ID-TAKEN' });
  }
}
