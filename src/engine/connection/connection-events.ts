// What every kind of connection tells those who hold it, here or in the page, so that they need not know which kind it is.

export interface ConnectionEvents {
  /** They have to let go of it: it was ended, by whomever, or released to another Peer. Told once. */
  gone: () => void;
  /** It works: its channel is open, or the browser has found a way to the other end. Told once, if at all. */
  established: () => void;
  /** A native failure, for the Peer's `webrtc` error. What the page holds itself tells none. */
  webrtcError: (error: unknown) => void;
}
