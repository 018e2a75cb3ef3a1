// Parses the messages from PeerServer's socket. The server relays what remote peers wrote, so every message is hostile
// input and passes `parseServerMessage` once. Unknown fields are ignored, because newer clients may add some.
import * as v from 'valibot';
import {
  MAX_CANDIDATE_LENGTH,
  MAX_ID_LENGTH,
  MAX_LABEL_LENGTH,
  MAX_NAME_LENGTH,
  MAX_SDP_LENGTH,
  MAX_SIGNAL_LENGTH,
} from '../../protocol/bounds';
import { isNestedTooDeep, MAX_NESTING, MAX_SIGNALLED_NESTING } from '../../protocol/nesting';

/**
 * The longest message that is parsed, in characters: a description and metadata, which JSON may double in length
 * (`\r\n` takes four characters).
 */
export const MAX_MESSAGE_LENGTH = 2 * MAX_SIGNAL_LENGTH;

/** Media sections in one description: the most tracks of a call, and a channel. Each section costs a transceiver. */
const MAX_SECTIONS = 65;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ID_LENGTH));
const connectionId = id;
const noText = v.custom<unknown>((value) => typeof value !== 'string');
const name = v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH));
const description = (type: 'offer' | 'answer') =>
  v.object({
    type: v.literal(type),
    sdp: v.pipe(v.string(), v.maxLength(MAX_SDP_LENGTH), v.check(hasFewSections)),
  });

const candidate = v.object({
  candidate: v.pipe(v.string(), v.maxLength(MAX_CANDIDATE_LENGTH)),
  sdpMid: v.nullish(name),
  sdpMLineIndex: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
  usernameFragment: v.nullish(name),
});

const offer = v.object({
  type: v.literal('OFFER'),
  src: id,
  // Other members are for custom serializers. The bounds on the message's length and depth cover them.
  payload: v.looseObject({
    sdp: description('offer'),
    type: name,
    connectionId,
    /** A label that is not a string counts as no label, as in PeerJS. */
    label: v.optional(v.union([v.pipe(v.string(), v.maxLength(MAX_LABEL_LENGTH)), noText])),
    metadata: v.optional(v.unknown()),
    reliable: v.optional(v.unknown()),
    serialization: v.optional(v.union([name, noText])),
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

type Issue = v.BaseIssue<unknown> & { requirement?: unknown };

/** A message that is too large to be handled. `src`: its sender, if known. */
export interface RefusedMessage {
  type: 'REFUSED';
  src?: string;
  /** Names the refused thing and the reason; continues “Peerport refused ”. */
  problem: string;
}

/** Undefined if `text` is not a message. REFUSED if it may be an honest message that exceeds a bound. */
export function parseServerMessage(text: unknown): ServerMessage | RefusedMessage | undefined {
  if (typeof text !== 'string') return undefined;
  if (text.length > MAX_MESSAGE_LENGTH) {
    return { type: 'REFUSED', problem: `a message of ${text.length} characters (${MAX_MESSAGE_LENGTH} at most)` };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(serverMessage, value, { abortEarly: true });
  if (!result.success) return refusalOf(value, result.issues[0]);
  const message = result.output;
  if ('src' in message && isNestedTooDeep(text, MAX_SIGNALLED_NESTING)) {
    const problem = `its ${message.type}, whose data are nested more than ${MAX_NESTING} deep`;
    return { type: 'REFUSED', src: message.src, problem };
  }
  return message;
}

/** Undefined if the message is wrong in another way than being too long. */
function refusalOf(value: unknown, issue: Issue): RefusedMessage | undefined {
  const member = issue.path?.at(-1)?.key;
  if (issue.type !== 'max_length' || member === 'src') return undefined;
  // Length is checked only in a message of a known type, so `value` is such an object.
  const { type, src } = value as { type: string; src?: unknown };
  if (typeof src !== 'string') return undefined;
  const problem = `its ${type}, whose ${String(member)} is longer than ${String(issue.requirement)} characters`;
  return { type: 'REFUSED', src, problem };
}

function hasFewSections(sdp: string): boolean {
  return (sdp.match(/^m=/gm)?.length ?? 0) <= MAX_SECTIONS;
}
