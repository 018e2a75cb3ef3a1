// What comes over PeerServer's socket. The server relays what remote peers wrote, so all of it is hostile input and
// passes `parseServerMessage` once. Unknown fields are ignored: newer clients may add some.
import * as v from 'valibot';

/** Far above any honest description or candidate list; a server that sends more is not read. */
const MAX_MESSAGE_LENGTH = 4 * 1024 * 1024;

/** Sections of media of one description: as many tracks as a call may have, and a channel. Each costs a transceiver. */
const MAX_SECTIONS = 65;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));
const connectionId = id;
const description = (type: 'offer' | 'answer') =>
  v.object({ type: v.literal(type), sdp: v.pipe(v.string(), v.check(hasFewSections)) });

const candidate = v.object({
  candidate: v.string(),
  sdpMid: v.nullish(v.string()),
  sdpMLineIndex: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
  usernameFragment: v.nullish(v.string()),
});

const offer = v.object({
  type: v.literal('OFFER'),
  src: id,
  // What else it holds is for a serializer of the page's own.
  payload: v.looseObject({
    sdp: description('offer'),
    type: v.string(),
    connectionId,
    label: v.optional(v.unknown()),
    metadata: v.optional(v.unknown()),
    reliable: v.optional(v.unknown()),
    serialization: v.optional(v.unknown()),
  }),
});

const answer = v.object({
  type: v.literal('ANSWER'),
  src: id,
  payload: v.looseObject({ sdp: description('answer'), connectionId }),
});

const remoteCandidate = v.object({
  type: v.literal('CANDIDATE'),
  src: id,
  payload: v.looseObject({ candidate: v.optional(candidate), connectionId }),
});

const serverMessage = v.variant('type', [
  v.object({ type: v.literal('OPEN') }),
  v.object({ type: v.literal('ID-TAKEN') }),
  v.object({ type: v.literal('INVALID-KEY') }),
  v.object({ type: v.literal('ERROR'), payload: v.optional(v.object({ msg: v.optional(v.string()) })) }),
  v.object({ type: v.literal('LEAVE'), src: id }),
  v.object({ type: v.literal('EXPIRE'), src: id }),
  offer,
  answer,
  remoteCandidate,
]);

export type ServerMessage = v.InferOutput<typeof serverMessage>;
export type Offer = v.InferOutput<typeof offer>;
export type Answer = v.InferOutput<typeof answer>;
export type RemoteCandidate = v.InferOutput<typeof remoteCandidate>;

/** The message, or undefined for what is none. */
export function parseServerMessage(text: unknown): ServerMessage | undefined {
  if (typeof text !== 'string' || text.length > MAX_MESSAGE_LENGTH) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(serverMessage, value);
  return result.success ? result.output : undefined;
}

function hasFewSections(sdp: string): boolean {
  return (sdp.match(/^m=/gm)?.length ?? 0) <= MAX_SECTIONS;
}
