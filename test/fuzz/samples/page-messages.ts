// Valid messages of every type from page to host. A missing type is a compile error.
import { MAX_SDP_LENGTH } from '../../../src/protocol/bounds';
import type { CallSignal, PageMessage, PeerStart } from '../../../src/protocol/page-messages';
import type { PeerServerAddress } from '../../../src/protocol/peer-server';
import { randomValue } from '../../support/random-values';
import type { Random } from '../random';
import { packedBytes } from './frames';
import { candidateText, sessionDescription } from './sdp';

type Samples = { [Type in PageMessage['type']]: (random: Random, world: PageWorld) => PageMessage & { type: Type } };

/** Servers and peers that a page can name in its messages. */
export interface PageWorld {
  server: PeerServerAddress;
  /** IDs of existing Peers, and IDs that no Peer has. */
  remoteIds: readonly string[];
}

/** Few different keys, so that messages refer to Peers and connections of earlier messages. */
const peerKeyOf = (random: Random): number => random.between(1, 3);
const ownKeyOf = (random: Random): number => random.between(1, 8);
const anyKeyOf = (random: Random): number => (random.chance(0.7) ? ownKeyOf(random) : -random.between(1, 4));

export function peerStart(random: Random, { server }: PageWorld, peerKey = peerKeyOf(random)): PeerStart {
  return {
    type: 'peer.start',
    peerKey,
    epoch: random.between(1, 3),
    server,
    pingInterval: random.pick([5000, 100, 2 ** 31 - 1]),
    ...(random.chance(0.5) && { requestedId: `fuzz-${random.below(1_000_000)}` }),
    ...(random.chance(0.2) && { leased: random.chance(0.5) }),
    ...(random.chance(0.2) && { token: 'token' }),
    ...(random.chance(0.2) && { serializers: ['MsgPack'] }),
    config: configuration(random),
  };
}

function configuration(random: Random): PeerStart['config'] {
  return {
    ...(random.chance(0.5) && { iceServers: [] }),
    ...(random.chance(0.1) && { iceServers: [{ urls: ['stun:127.0.0.1:9', 'stun:127.0.0.1:10'] }] }),
    ...(random.chance(0.1) && { iceServers: [{ urls: 'turn:127.0.0.1:9', username: 'u', credential: 'c' }] }),
    ...(random.chance(0.2) && { iceTransportPolicy: random.pick(['all', 'relay']) }),
    ...(random.chance(0.2) && { bundlePolicy: random.pick(['balanced', 'max-bundle', 'max-compat']) }),
    ...(random.chance(0.1) && { iceCandidatePoolSize: random.pick([0, 1, 255]) }),
  };
}

function metadata(random: Random): { metadata?: string } {
  return random.chance(0.5) ? {} : { metadata: JSON.stringify(randomValue(random.next, 2)) };
}

function connectionId(random: Random, kind: 'dc' | 'mc'): string {
  return `${kind}_${random.below(20)}`;
}

function outgoingStream(random: Random) {
  const kinds = random.pick([[], ['audio'], ['video'], ['audio', 'video']] as const);
  return { id: `stream-${random.below(3)}`, tracks: kinds.map((kind, n) => ({ kind, id: `track-${n}` })) };
}

/** Cut to the length that the host accepts, because these messages must be valid. */
function description(random: Random, kind: 'data' | 'media'): string {
  return sessionDescription(random, kind).slice(0, MAX_SDP_LENGTH);
}

function callSignal(random: Random): CallSignal['message'] {
  const type = random.pick(['OFFER', 'ANSWER', 'CANDIDATE'] as const);
  const payload = { type: 'media' as const, connectionId: connectionId(random, 'mc') };
  if (type === 'CANDIDATE') {
    const candidate = { candidate: candidateText(random), sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'aBcD' };
    return { type, payload: { ...payload, candidate } };
  }
  const sdpType = type === 'OFFER' ? 'offer' : 'answer';
  return { type, payload: { ...payload, sdp: { type: sdpType, sdp: description(random, 'media') } } };
}

const PAGE_MESSAGES: Samples = {
  'peer.start': (random, world) => peerStart(random, world),
  'peer.disconnect': (random) => ({ type: 'peer.disconnect', peerKey: peerKeyOf(random) }),
  'peer.destroy': (random) => ({ type: 'peer.destroy', peerKey: peerKeyOf(random) }),
  'peer.listAllPeers': (random) => ({
    type: 'peer.listAllPeers',
    peerKey: peerKeyOf(random),
    requestId: random.below(9),
  }),
  'peer.send': (random, { remoteIds }) => ({
    type: 'peer.send',
    peerKey: peerKeyOf(random),
    message: {
      type: random.pick(['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE', 'HEARTBEAT']),
      payload: JSON.stringify({ connectionId: connectionId(random, 'dc'), type: 'data', serialization: 'MsgPack' }),
      dst: random.pick(remoteIds),
    },
  }),
  'peer.connectionGone': (random, { remoteIds }) => ({
    type: 'peer.connectionGone',
    peerKey: peerKeyOf(random),
    remotePeerId: random.pick(remoteIds),
    connectionId: connectionId(random, 'dc'),
  }),
  'peer.watchSocket': (random) => ({ type: 'peer.watchSocket', peerKey: peerKeyOf(random) }),
  'connection.create': (random, { remoteIds }) => ({
    type: 'connection.create',
    peerKey: peerKeyOf(random),
    connectionKey: ownKeyOf(random),
    remotePeerId: random.pick(remoteIds),
    connectionId: connectionId(random, 'dc'),
    label: `label-${random.below(3)}`,
    ...metadata(random),
    serialization: random.pick(['binary', 'binary-utf8', 'json', 'raw']),
    reliable: random.chance(0.5),
    ...(random.chance(0.2) && { constraints: { iceRestart: true, offerToReceiveAudio: true } }),
    transformsSdp: random.chance(0.3),
    config: configuration(random),
  }),
  'connection.send': (random) => {
    const packed = packedBytes(randomValue(random.next, 2));
    const cut = random.below(packed.length + 1);
    return {
      type: 'connection.send',
      connectionKey: anyKeyOf(random),
      announced: [packed.length],
      chunks: [packed.slice(0, cut).buffer, packed.slice(cut).buffer],
    };
  },
  'connection.sendFrames': (random) => ({
    type: 'connection.sendFrames',
    connectionKey: anyKeyOf(random),
    frames: ['text', random.bytes(random.below(2000)).buffer],
  }),
  'connection.abortMessage': (random) => ({ type: 'connection.abortMessage', connectionKey: anyKeyOf(random) }),
  'connection.close': (random) => ({ type: 'connection.close', connectionKey: anyKeyOf(random) }),
  'connection.sdpTransformed': (random) => ({
    type: 'connection.sdpTransformed',
    connectionKey: anyKeyOf(random),
    sdp: description(random, 'data'),
  }),
  'connection.getStats': (random) => ({
    type: 'connection.getStats',
    connectionKey: anyKeyOf(random),
    requestId: random.below(9),
  }),
  'call.create': (random, { remoteIds }) => ({
    type: 'call.create',
    peerKey: peerKeyOf(random),
    connectionKey: ownKeyOf(random),
    remotePeerId: random.pick(remoteIds),
    connectionId: connectionId(random, 'mc'),
    ...metadata(random),
    ...(random.chance(0.7) && { route: random.pick(['hosted', 'direct'] as const) }),
    stream: outgoingStream(random),
    transformsSdp: random.chance(0.3),
    config: configuration(random),
  }),
  'call.answer': (random) => ({
    type: 'call.answer',
    connectionKey: anyKeyOf(random),
    ...(random.chance(0.7) && { route: random.pick(['hosted', 'direct'] as const) }),
    ...(random.chance(0.7) && { stream: outgoingStream(random) }),
    transformsSdp: random.chance(0.3),
  }),
  'call.signal': (random) => ({
    type: 'call.signal',
    connectionKey: anyKeyOf(random),
    to: random.pick(['remote', 'host'] as const),
    message: callSignal(random),
  }),
  moved: () => ({ type: 'moved' }),
};

/** Expensive messages, which create or end a Peer or a connection. They are chosen less often. */
const EXPENSIVE: readonly string[] = ['connection.create', 'call.create', 'peer.start', 'peer.destroy'];
const TYPES = Object.keys(PAGE_MESSAGES) as PageMessage['type'][];

export function randomPageMessage(random: Random, world: PageWorld): PageMessage {
  let type = random.pick(TYPES);
  while (EXPENSIVE.includes(type) && random.chance(0.4)) type = random.pick(TYPES);
  return PAGE_MESSAGES[type](random, world);
}
