// The data plane's contract: the messages that a page may send to the engine host, and their guard. The page controls its
// end of the port, so every message arrives as `unknown`, and the host calls `parsePageMessage` on it once, at its door.
// No message carries an origin: the host learns it from the browser.
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

/** Messages that one batch may announce. Our pages send smaller batches; the limit bounds the guard's work. */
const MAX_ANNOUNCED = 1 << 16;

/** Custom serializers of one Peer. PeerJS publishes only one. */
const MAX_SERIALIZERS = 64;

/** Browsers store delays in 31 bits: a longer delay overflows and the timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const id = v.pipe(v.string(), v.maxLength(MAX_ID_LENGTH));
const name = v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH));
const sdp = v.pipe(v.string(), v.maxLength(MAX_SDP_LENGTH));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** The page numbers its Peers and connections from 1 up; the host numbers incoming connections from -1 down. */
const peerKey = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const connectionKey = v.pipe(v.number(), v.safeInteger());
const ownConnectionKey = v.pipe(connectionKey, v.minValue(1));

/** JSON text, because the remote peer gets JSON. The guard does not parse it: its reader finds out whether it is valid. */
const json = (maxLength: number) =>
  v.pipe(
    v.string(),
    v.maxLength(maxLength),
    v.check((text) => !isNestedTooDeep(text, MAX_NESTING), `is nested more than ${MAX_NESTING} deep`),
  );
/** Absent if the page gave no metadata. */
const metadata = v.optional(json(MAX_METADATA_LENGTH));

/**
 * Longest server option. It exceeds the limits of `parseServerOptions`, whose error explains the problem, and still costs
 * little to carry there.
 */
const MAX_SERVER_OPTION_LENGTH = 4096;
const serverOption = v.pipe(v.string(), v.maxLength(MAX_SERVER_OPTION_LENGTH));

/** The server options as the page wrote them. Only the background reads them, with `parseServerOptions`. */
const server = v.object({
  host: serverOption,
  port: v.union([count, serverOption]),
  path: serverOption,
  key: serverOption,
  secure: v.boolean(),
});

/**
 * Registers a Peer with its PeerServer, at first and again after `reconnect()`. `epoch` counts these attempts; the host's
 * answers repeat it, so the page recognizes a late answer to an earlier attempt.
 */
const peerStart = v.object({
  type: v.literal('peer.start'),
  peerKey,
  epoch: count,
  server,
  /** Milliseconds between heartbeats. */
  pingInterval: v.pipe(v.number(), v.minValue(100), v.maxValue(MAX_TIMER_MS)),
  /** The ID that the page named, or this Peer's previous ID. Absent: the origin's persistent ID. */
  requestedId: v.optional(id),
  /** True: the page did not choose `requestedId`; an earlier start of this Peer leased it. */
  leased: v.optional(v.boolean()),
  token: v.optional(id),
  /** Names of the page's own serializers. The page answers offers that name them. */
  serializers: v.optional(v.pipe(v.array(name), v.maxLength(MAX_SERIALIZERS))),
  config: configuration,
});

const peerStop = v.object({ type: v.picklist(['peer.disconnect', 'peer.destroy']), peerKey });
/** A message for PeerServer, passed on unchanged: the page's own serializers signal by `peer.socket`. */
const peerSend = v.object({
  type: v.literal('peer.send'),
  peerKey,
  /** `payload`: JSON text. */
  message: v.object({ type: name, payload: v.optional(json(MAX_SIGNAL_LENGTH)), dst: v.optional(id) }),
});
/** The page closed a connection of its own serializer, or never had that connection. */
const connectionGone = v.object({
  type: v.literal('peer.connectionGone'),
  peerKey,
  remotePeerId: id,
  connectionId: id,
});
/** Asks the host to pass every message of the server to the page from now on. */
const peerWatchSocket = v.object({ type: v.literal('peer.watchSocket'), peerKey });
const peerList = v.object({ type: v.literal('peer.listAllPeers'), peerKey, requestId: count });

/** RTCOfferOptions for `createOffer`, which ignores other members and converts these to booleans. */
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
  /** The name in the OFFER: one of `SERIALIZATIONS`, or that of a page's class which extends one of PeerJS's. */
  serialization: name,
  reliable: v.boolean(),
  constraints: v.optional(constraints),
  /** True: the page has an `sdpTransform`, so the host sends it `connection.sdp` before it sets a description. */
  transformsSdp: v.boolean(),
  config: configuration,
});

/**
 * Packed messages, as one byte stream for each connection. `announced` holds the byte length of each message that begins
 * in this batch; `chunks` holds the bytes, which may begin and end in the middle of a message.
 */
const connectionSend = v.object({
  type: v.literal('connection.send'),
  connectionKey,
  announced: v.pipe(v.array(count), v.maxLength(MAX_ANNOUNCED)),
  chunks: v.pipe(v.array(v.instance(ArrayBuffer)), v.maxLength(MAX_ANNOUNCED)),
});

/** Frames that the host sends on the data channel unchanged. */
const connectionSendFrames = v.object({
  type: v.literal('connection.sendFrames'),
  connectionKey,
  frames: v.pipe(v.array(v.union([v.string(), v.instance(ArrayBuffer)])), v.maxLength(MAX_ANNOUNCED)),
});

/** The page gives up the message that it has partly sent, because it cannot read the rest of a file. */
const connectionAbort = v.object({ type: v.literal('connection.abortMessage'), connectionKey });
const connectionClose = v.object({ type: v.literal('connection.close'), connectionKey });

/** `hosted`: the host has the RTCPeerConnection to the remote peer. `direct`: the page has it, and the host signals. */
const callRoute = v.picklist(['hosted', 'direct']);
/** The stream that the page sends, with its tracks in order. */
const outgoingStream = v.object({
  id: name,
  tracks: v.pipe(
    v.array(
      v.object({
        kind: v.picklist(['audio', 'video']),
        id: name,
        /** The `displaySurface` of a `getDisplayMedia` track, otherwise absent. Only shown to the user. */
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
  /** Absent: the best route in this browser. */
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
 * `remote`: a signal to the remote peer, on the direct route. `host`: a signal to the page leg, for the connection inside the browser. The
 * schema lists every member, because the host converts the message to JSON. Keys are in PeerJS's order. An offer carries
 * the metadata of `call.create`.
 */
const callSignal = v.object({
  type: v.literal('call.signal'),
  connectionKey,
  to: v.picklist(['remote', 'host']),
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

/** The page's last message on this port: later messages come over the port that the host has moved to. */
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

/** Returns the message, or undefined if `value` is not a valid message. */
export function parsePageMessage(value: unknown): PageMessage | undefined {
  // Stops at the first error, because an array may have four billion holes.
  const result = v.safeParse(pageMessage, value, { abortEarly: true });
  return result.success ? result.output : undefined;
}

/** Returns the `peer.start`, or undefined if `value` is not a valid one. */
export function parsePeerStart(value: unknown): PeerStart | undefined {
  const result = v.safeParse(peerStart, value, { abortEarly: true });
  return result.success ? result.output : undefined;
}

/** The reason why `parsePageMessage` or `parsePeerStart` refused a value. */
export interface MessageProblem {
  /** The member, such as `server.host`. Undefined if the whole message is wrong. */
  path: string | undefined;
  /** A sentence for the page's developer. Does not quote the value, which may be long. */
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
  if (type === 'max_length') return `is longer than ${String(requirement)}, the limit`;
  if (type === 'max_value' || type === 'min_value') return `is out of range (${type}: ${String(requirement)})`;
  // Checks in our schemas have messages of their own. The library's messages would quote the value.
  return type === 'check' || type === 'custom' ? message : 'is missing or has the wrong type';
}
