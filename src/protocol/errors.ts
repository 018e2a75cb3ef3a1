// Errors as they cross a port: one of PeerJS's `type` strings and a message, never an Error object from another realm.

/** PeerJS's `PeerErrorType` (lib/enums.ts) and our own `limit-reached` and `permission-denied`. */
export type PeerErrorType =
  | 'browser-incompatible'
  | 'disconnected'
  | 'invalid-id'
  | 'invalid-key'
  | 'limit-reached'
  | 'network'
  | 'peer-unavailable'
  | 'permission-denied'
  | 'server-error'
  | 'socket-error'
  | 'socket-closed'
  | 'unavailable-id'
  | 'webrtc';

/**
 * PeerJS's `BaseConnectionErrorType` and `DataConnectionErrorType`; `peer-unavailable`, which PeerJS emits only on the
 * Peer; and our own `limit-reached` and `permission-denied`.
 */
export type ConnectionErrorType =
  | 'negotiation-failed'
  | 'connection-closed'
  | 'not-open-yet'
  | 'message-too-big'
  | 'peer-unavailable'
  | 'limit-reached'
  | 'permission-denied';

export interface ErrorInfo<Type extends string = string> {
  type: Type;
  message: string;
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
