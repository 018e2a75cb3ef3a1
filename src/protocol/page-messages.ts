// The data plane's contract: what a page may say to the engine host, and its guard. The page end of the port is in the
// page's hands, so everything here arrives as `unknown` and passes `parsePageMessage` once, at the host's door. No
// message carries an origin: the host knows it from the browser.
import * as v from 'valibot';
import {
  MAX_CANDIDATE_LENGTH,
  MAX_ID_LENGTH,
  MAX_LABEL_LENGTH,
  MAX_METADATA_LENGTH,
  MAX_NAME_LENGTH,
  MAX_SDP_LENGTH,
  MAX_SIGNAL_LENGTH,
} from './bounds';
import { MAX_TRACKS } from './media-limits';
import { isNestedTooDeep, MAX_NESTING } from './nesting';
import { configuration } from './portable-configuration';

/** Most messages one batch may announce; the page sends smaller ones, this only bounds the guard's work. */
const MAX_ANNOUNCED = 1 << 16;

/** Serializers of one Peer; PeerJS publishes one. */
const MAX_SERIALIZERS = 64;

/** Longer timers wrap around to none at all. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const id = v.pipe(v.string(), v.maxLength(MAX_ID_LENGTH));
const name = v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH));
const sdp = v.pipe(v.string(), v.maxLength(MAX_SDP_LENGTH));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Peers and connections are numbered by the page from 1 up; connections that the host accepts, from -1 down. */
const peerKey = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const connectionKey = v.pipe(v.number(), v.safeInteger());
const ownConnectionKey = v.pipe(connectionKey, v.minValue(1));

/** JSON text, because that is what goes to the remote peer; whether it is JSON shows when it is read. */
const json = (maxLength: number) =>
  v.pipe(
    v.string(),
    v.maxLength(maxLength),
    v.check((text) => !isNestedTooDeep(text, MAX_NESTING), `is nested more than ${MAX_NESTING} deep`),
  );
/** Absent where the page gave none. */
const metadata = v.optional(json(MAX_METADATA_LENGTH));

/**
 * Longest server option: above what `parseServerOptions` takes, which says what is wrong with a longer one in words, and far
 * below what it would cost anybody to carry it there.
 */
const MAX_SERVER_OPTION_LENGTH = 4096;
const serverOption = v.pipe(v.string(), v.maxLength(MAX_SERVER_OPTION_LENGTH));

/** As the page wrote it. Only the background reads it, with `parseServerOptions`. */
const server = v.object({
  host: serverOption,
  port: v.union([count, serverOption]),
  path: serverOption,
  key: serverOption,
  secure: v.boolean(),
});

/**
 * Registers a Peer with its PeerServer: the first time, and again for `reconnect()`. `epoch` counts these attempts; the
 * host's answers carry it, so that the page can tell a late answer to an earlier attempt.
 */
const peerStart = v.object({
  type: v.literal('peer.start'),
  peerKey,
  epoch: count,
  server,
  /** Milliseconds between heartbeats. */
  pingInterval: v.pipe(v.number(), v.minValue(100), v.maxValue(MAX_TIMER_MS)),
  /** The ID that the page named, or that this Peer had before; absent: the origin's persistent ID. */
  requestedId: v.optional(id),
  /** True where `requestedId` was not the page's own choice but what an earlier start of this Peer had leased. */
  leased: v.optional(v.boolean()),
  token: v.optional(id),
  /** Names of the serializers that the page itself has: offers that name them are the page's to answer. */
  serializers: v.optional(v.pipe(v.array(name), v.maxLength(MAX_SERIALIZERS))),
  config: configuration,
});

const peerStop = v.object({ type: v.picklist(['peer.disconnect', 'peer.destroy']), peerKey });
/** For PeerServer as it is: of the page's own serializers, which signal by `peer.socket`. */
const peerSend = v.object({
  type: v.literal('peer.send'),
  peerKey,
  /** `payload`: JSON text. */
  message: v.object({ type: name, payload: v.optional(json(MAX_SIGNAL_LENGTH)), dst: v.optional(id) }),
});
/** The page has closed a connection by a serializer of its own, or never had it. */
const connectionGone = v.object({
  type: v.literal('peer.connectionGone'),
  peerKey,
  remotePeerId: id,
  connectionId: id,
});
/** From now on the page is told of every message of the server. */
const peerWatchSocket = v.object({ type: v.literal('peer.watchSocket'), peerKey });
const peerList = v.object({ type: v.literal('peer.listAllPeers'), peerKey, requestId: count });

/** RTCOfferOptions, for `createOffer`, which ignores all else that a page gives, and makes booleans of these. */
const constraint = v.exactOptional(v.custom<boolean>((value) => v.is(v.union([v.boolean(), v.number(), name]), value)));
const constraints = v.object({
  iceRestart: constraint,
  offerToReceiveAudio: constraint,
  offerToReceiveVideo: constraint,
  voiceActivityDetection: constraint,
});

const connectionCreate = v.object({
  type: v.literal('connection.create'),
  peerKey,
  connectionKey: ownConnectionKey,
  remotePeerId: id,
  connectionId: id,
  label: v.pipe(v.string(), v.maxLength(MAX_LABEL_LENGTH)),
  metadata,
  /** The name on the wire: `raw`, `json`, `binary`, `binary-utf8`. */
  serialization: name,
  reliable: v.boolean(),
  constraints: v.optional(constraints),
  /** The page has an `sdpTransform` function: ask it with `connection.sdp` before the description is set. */
  transformsSdp: v.boolean(),
  config: configuration,
});

/**
 * Bytes of packed messages, as one stream a connection: `announced` holds the byte length of each message that begins in
 * this batch, `chunks` the bytes, which may begin in the middle of a message and end in the middle of another.
 */
const connectionSend = v.object({
  type: v.literal('connection.send'),
  connectionKey,
  announced: v.pipe(v.array(count), v.maxLength(MAX_ANNOUNCED)),
  chunks: v.pipe(v.array(v.instance(ArrayBuffer)), v.maxLength(MAX_ANNOUNCED)),
});

/** Frames for the data channel exactly as they are. */
const connectionSendFrames = v.object({
  type: v.literal('connection.sendFrames'),
  connectionKey,
  frames: v.pipe(v.array(v.union([v.string(), v.instance(ArrayBuffer)])), v.maxLength(MAX_ANNOUNCED)),
});

/** The rest of the message under way will not come (its file could not be read any further). */
const connectionAbort = v.object({ type: v.literal('connection.abortMessage'), connectionKey });
const connectionClose = v.object({ type: v.literal('connection.close'), connectionKey });

/** `hosted`: the host has the RTCPeerConnection to the remote peer. `direct`: the page has it, and the host signals. */
const callRoute = v.picklist(['hosted', 'direct']);
/** What the page sends: a stream and its tracks, in their order. */
const outgoingStream = v.object({
  id: name,
  tracks: v.pipe(
    v.array(
      v.object({
        kind: v.picklist(['audio', 'video']),
        id: name,
        /** Present where the track comes from `getDisplayMedia`: what of the screen it shows. For the user's eyes only. */
        shows: v.optional(name),
      }),
    ),
    v.maxLength(MAX_TRACKS),
  ),
});

const callCreate = v.object({
  type: v.literal('call.create'),
  peerKey,
  connectionKey: ownConnectionKey,
  remotePeerId: id,
  connectionId: id,
  metadata,
  /** Absent: as the browser does it best. */
  route: v.optional(callRoute),
  stream: outgoingStream,
  constraints: v.optional(constraints),
  transformsSdp: v.boolean(),
  config: configuration,
});

const callAnswer = v.object({
  type: v.literal('call.answer'),
  connectionKey,
  route: v.optional(callRoute),
  stream: v.optional(outgoingStream),
  transformsSdp: v.boolean(),
});

const candidate = v.object({
  candidate: v.pipe(v.string(), v.maxLength(MAX_CANDIDATE_LENGTH)),
  sdpMid: v.nullish(name),
  sdpMLineIndex: v.nullish(count),
  usernameFragment: v.nullish(name),
});

/**
 * To the remote peer on the direct route, to the host over the local link. Nothing of it is for the page to shape freely,
 * because the host makes JSON of it. Keys in PeerJS's order; the metadata of an offer are those of `call.create`.
 */
const callSignal = v.object({
  type: v.literal('call.signal'),
  connectionKey,
  to: v.picklist(['remote', 'link']),
  message: v.object({
    type: v.picklist(['OFFER', 'ANSWER', 'CANDIDATE']),
    payload: v.object({
      sdp: v.optional(v.object({ type: v.picklist(['offer', 'answer']), sdp })),
      candidate: v.optional(candidate),
      type: v.literal('media'),
      connectionId: id,
    }),
  }),
});

const connectionSdp = v.object({ type: v.literal('connection.sdpTransformed'), connectionKey, sdp });
const connectionStats = v.object({ type: v.literal('connection.getStats'), connectionKey, requestId: count });

/** The last message on this way: what follows comes over the port that the host has moved to. */
const moved = v.object({ type: v.literal('moved') });

const pageMessage = v.variant('type', [
  peerStart,
  peerStop,
  peerList,
  peerSend,
  connectionGone,
  peerWatchSocket,
  connectionCreate,
  connectionSend,
  connectionSendFrames,
  connectionAbort,
  connectionClose,
  connectionSdp,
  connectionStats,
  callCreate,
  callAnswer,
  callSignal,
  moved,
]);

export type PageMessage = v.InferOutput<typeof pageMessage>;
export type PeerStart = v.InferOutput<typeof peerStart>;
export type ConnectionCreate = v.InferOutput<typeof connectionCreate>;
export type PeerSend = v.InferOutput<typeof peerSend>;
export type ConnectionGone = v.InferOutput<typeof connectionGone>;
export type CallRoute = v.InferOutput<typeof callRoute>;
export type CallCreate = v.InferOutput<typeof callCreate>;
export type CallAnswer = v.InferOutput<typeof callAnswer>;
export type CallSignal = v.InferOutput<typeof callSignal>;
export type OutgoingMedia = v.InferOutput<typeof outgoingStream>;
export type PortableConfiguration = v.InferOutput<typeof configuration>;

/** The message, or undefined if `value` is none. */
export function parsePageMessage(value: unknown): PageMessage | undefined {
  // At the first thing that is wrong: an array may have four thousand million holes.
  const result = v.safeParse(pageMessage, value, { abortEarly: true });
  return result.success ? result.output : undefined;
}

/** The message, or undefined if `value` is none. */
export function parsePeerStart(value: unknown): PeerStart | undefined {
  const result = v.safeParse(peerStart, value, { abortEarly: true });
  return result.success ? result.output : undefined;
}

/** What is wrong with a value that `parsePageMessage` or `parsePeerStart` does not take. */
export interface MessageProblem {
  /** The member, as in `server.host`; undefined where it is the whole. */
  path: string | undefined;
  /** A sentence for the page's developer. Says nothing of the value itself, which may be long. */
  message: string;
}

export function problemOf(value: unknown): MessageProblem {
  const { issues } = v.safeParse(pageMessage, value, { abortEarly: true });
  const issue = issues?.[0];
  const path = issue && (v.getDotPath(issue) ?? undefined);
  const subject = path === undefined ? 'The message' : `\`${path}\``;
  return { path, message: `Refused: ${subject} ${issue === undefined ? 'is not expected' : faultOf(issue)}.` };
}

function faultOf({ type, requirement, message }: v.BaseIssue<unknown> & { requirement?: unknown }): string {
  if (type === 'max_length') return `is longer than ${String(requirement)}, the most that is taken`;
  if (type === 'max_value' || type === 'min_value') return `is not in its range (${type}: ${String(requirement)})`;
  // Those have words of their own; the library's would quote the value.
  return type === 'check' || type === 'custom' ? message : 'is missing or of another kind than it should be';
}
