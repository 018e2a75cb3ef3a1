// Messages of every type that the host reads from PeerServer's socket, valid and mutated.
import type { ServerMessage } from '../../../src/engine/signalling/server-messages';
import { randomValue } from '../../support/random-values';
import { jsonText, mutated, mutatedText } from '../mutate';
import type { Random } from '../random';
import { candidateText, sessionDescription } from './sdp';

type Samples = Record<ServerMessage['type'], (random: Random, src: string) => object>;

/** Few different IDs, so that messages refer to connections of earlier messages. */
const connectionIdOf = (random: Random): string => `${random.pick(['dc', 'mc'])}_fuzz${random.below(6)}`;

const SERVER_MESSAGES: Samples = {
  OPEN: () => ({ type: 'OPEN' }),
  'ID-TAKEN': () => ({ type: 'ID-TAKEN', payload: { msg: 'ID is taken' } }),
  'INVALID-KEY': () => ({ type: 'INVALID-KEY', payload: { msg: 'Invalid key provided' } }),
  ERROR: () => ({ type: 'ERROR', payload: { msg: 'No id, token, or key supplied to websocket server' } }),
  LEAVE: (_random, src) => ({ type: 'LEAVE', src }),
  EXPIRE: (_random, src) => ({ type: 'EXPIRE', src }),
  OFFER: (random, src) => ({ type: 'OFFER', src, payload: offerPayload(random) }),
  ANSWER: (random, src) => {
    const sdp = { type: 'answer', sdp: sessionDescription(random, random.pick(['data', 'media'])) };
    return { type: 'ANSWER', src, payload: { sdp, type: 'data', connectionId: connectionIdOf(random) } };
  },
  CANDIDATE: (random, src) => ({
    type: 'CANDIDATE',
    src,
    payload: {
      candidate: { candidate: candidateText(random), sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'aBcD' },
      type: 'data',
      connectionId: connectionIdOf(random),
    },
  }),
};

function offerPayload(random: Random): object {
  const type = random.pick(['data', 'media'] as const);
  const connectionId = connectionIdOf(random);
  const payload = { sdp: { type: 'offer', sdp: sessionDescription(random, type) }, type, connectionId };
  if (type === 'media') return payload;
  return {
    ...payload,
    label: connectionId,
    metadata: randomValue(random.next, 2),
    reliable: random.chance(0.5),
    serialization: random.pick(['binary', 'binary-utf8', 'json', 'raw', 'MsgPack']),
  };
}

const TYPES = Object.keys(SERVER_MESSAGES) as ServerMessage['type'][];
/** The types that PeerServer relays from a remote peer. */
const RELAYED = ['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE', 'EXPIRE'] as const;

/** A message of a remote peer, usually mutated. Half of them use one of `connectionIds`, which the victim knows. */
export function relayedMessage(random: Random, connectionIds: readonly string[]): unknown {
  const message = SERVER_MESSAGES[random.pick(RELAYED)](random, '') as { payload?: { connectionId: string } };
  if (message.payload && connectionIds.length > 0 && random.chance(0.5)) {
    message.payload.connectionId = random.pick(connectionIds);
  }
  return random.chance(0.7) ? mutated(message, random, true) : message;
}

/** A text or binary frame of a hostile server, usually mutated. */
export function serverFrame(random: Random, src: string): string | Uint8Array<ArrayBuffer> {
  const type = random.pick(TYPES);
  const message = SERVER_MESSAGES[type](random, src);
  const text = jsonText(random.chance(0.7) ? mutated(message, random, true) : message);
  if (random.chance(0.1)) return mutatedText(text, random);
  return random.chance(0.05) ? random.bytes(random.below(200)) : text;
}
