// The events that every kind of connection emits to its owners, so that they need not know the kind.
import type { ConnectionErrorType } from '../../protocol/errors';

export interface ConnectionEvents {
  /** Owners must drop the connection: it has ended, or another Peer adopts it. Emitted once per owner. */
  gone: () => void;
  /** The channel is open or media are connected. Emitted once at most. */
  established: () => void;
  /** The connection is about to end with this error, which the page has been told. */
  failed: (type: ConnectionErrorType) => void;
  /** A native failure, for the Peer's `webrtc` error. Page-owned connections do not emit it. */
  webrtcError: (error: unknown) => void;
}
