// Everything that an entry of the log can say: the loggers, the keys of each, and the fields with their values. The log
// records nothing that is not in these tables, so no text of a page, a server or a remote peer can get into it.
// docs/logging.md explains how to add to them.
import * as v from 'valibot';

/** A key names an event in the past or a state. Each logger belongs to one context. */
export const KEYS = {
  // The background.
  background: ['started', 'installed', 'managed-policy-changed', 'uncaught-error', 'uncaught-rejection'],
  'host-life': ['opened', 'not-opened', 'closed', 'not-closed', 'vanished'],
  admission: ['admitted', 'denied', 'not-yet', 'host-failed'],
  prompts: ['opened', 'answered', 'not-stored', 'window-failed', 'window-gone', 'not-needed', 'not-logged'],
  storage: ['not-read', 'not-written'],
  settings: ['policy-changed', 'imported', 'import-refused', 'erased'],
  // The host.
  host: ['started', 'idle', 'occupied', 'not-reported', 'uncaught-error', 'uncaught-rejection'],
  documents: [
    'expected',
    'attached',
    'moved',
    'port-refused',
    'never-came',
    'parked',
    'gone',
    'detached',
    'invalid-message',
    'revoked',
    'peer-denied',
    'not-asked',
  ],
  peers: ['started', 'failed', 'parked', 'ended'],
  signalling: ['dialed', 'registered', 'lost'],
  connections: ['created', 'refused', 'established', 'failed', 'ended', 'native-error'],
} as const;

export type LoggerName = keyof typeof KEYS;
export type KeyOf<Name extends LoggerName> = (typeof KEYS)[Name][number];

/** Stands for a value that is not in its list. */
const OTHER = 'other';

/** Names of errors that browsers and our own code throw. */
const ERROR_NAMES = [
  ...['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AggregateError', 'ValiError'],
  ...['AbortError', 'DataCloneError', 'InvalidAccessError', 'InvalidStateError', 'NetworkError', 'NotAllowedError'],
  ...['NotFoundError', 'NotSupportedError', 'OperationError', 'QuotaExceededError', 'SecurityError', 'TimeoutError'],
  ...['RTCError', 'UnknownError', 'StreamViolation'],
  OTHER,
] as const;

/** PeerJS's error types and ours (protocol/errors.ts), for Peers and for connections. */
const ERROR_TYPES = [
  ...['browser-incompatible', 'disconnected', 'invalid-id', 'invalid-key', 'limit-reached', 'network'],
  ...['peer-unavailable', 'permission-denied', 'server-error', 'socket-error', 'socket-closed', 'unavailable-id'],
  ...['webrtc', 'negotiation-failed', 'connection-closed', 'not-open-yet', 'message-too-big'],
  OTHER,
] as const;

const REASONS = [
  // Why the host refused a port, or detached a document.
  ...['unknown-ticket', 'used-ticket', 'other-document', 'too-many-invalid-messages', 'too-much-queued'],
  // Why a socket was lost.
  ...['closed', 'timeout', 'invalid-url'],
  OTHER,
] as const;

/** Reports of the host that may fail without harm. */
const REQUESTS = ['identity.leased', 'host.idle', 'host.connections', 'host.parked', OTHER] as const;

/** Why the browser runs `runtime.onInstalled`. */
const INSTALLATIONS = ['install', 'update', 'browser_update', 'chrome_update', 'shared_module_update', OTHER] as const;

/** The bound of durations in milliseconds and of codes. The log leaves out a number beyond it. */
const MAX_NUMBER = 1e12;
const number = v.pipe(v.number(), v.finite(), v.minValue(-MAX_NUMBER), v.maxValue(MAX_NUMBER));

/** Frames of a stack that are kept. The innermost say where it happened. */
export const MAX_FRAMES = 6;
/** A place in a file of the extension: path, line and column. */
const frame = v.pipe(v.string(), v.regex(/^[\w./-]{1,80}:\d{1,7}:\d{1,7}$/));

/** In the order in which the text names them. */
export const FIELDS = {
  /** The number of a site. 0: a site in a private window, or beyond the sites that get numbers. */
  site: v.pipe(number, v.integer(), v.minValue(0)),
  kind: v.picklist(['data', 'calls', 'page-owned', OTHER]),
  type: v.picklist(ERROR_TYPES),
  reason: v.picklist(REASONS),
  request: v.picklist(REQUESTS),
  answer: v.picklist(['always', 'once', 'block', 'dismiss', OTHER]),
  store: v.picklist(['local', 'session', OTHER]),
  installation: v.picklist(INSTALLATIONS),
  wasRegistered: v.boolean(),
  /** The close code of a WebSocket. */
  code: number,
  /** How long it took or lasted. */
  ms: number,
  error: v.picklist(ERROR_NAMES),
  /** Where in our files the error was thrown, innermost frame first. */
  stack: v.pipe(v.array(frame), v.minLength(1), v.maxLength(MAX_FRAMES)),
};

export type FieldName = keyof typeof FIELDS;
export type Fields = { [Name in FieldName]?: v.InferOutput<(typeof FIELDS)[Name]> };

/** The value as the table allows it: a word that is not in its list becomes `other`, anything else undefined. */
export function allowed(name: FieldName, value: unknown): Fields[FieldName] {
  const result = v.safeParse(FIELDS[name], typeof value === 'number' ? Math.round(value) : value);
  if (result.success) return result.output;
  return typeof value === 'string' && v.is(FIELDS[name], OTHER) ? OTHER : undefined;
}
