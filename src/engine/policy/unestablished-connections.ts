// Connections from remote peers that are not established yet, of one site. An offer costs a remote peer nothing and this
// browser an RTCPeerConnection, so each remote peer gets so many places, and so do all of them together. What does not
// become a connection keeps its place until the time in which it might have: else a peer could offer and end without pause.
import type { Kind } from './permitted-kinds';

/** Offers of one remote peer to one Peer. A page that opens a connection for each purpose has a handful. */
const MAX_OF_REMOTE_PEER = 16;
/** Of all remote peers; of data connections and of calls each. A place is free again in a second where the network is good. */
const MAX_OF_SITE = 64;

/**
 * A connection that is not established by then will not be: browsers give ICE up after 15 to 30 seconds, and an offer that
 * PeerServer cannot deliver has expired after 5.
 */
export const ESTABLISHMENT_TIMEOUT_MS = 30_000;

/**
 * A call may ring without end, as in PeerJS, unless its place is needed: after this time it gives way to the next one. A
 * telephone rings for half as long.
 */
const RINGING_MS = 60_000;

export interface Applicant {
  /** The Peer that was offered the connection. */
  peer: object;
  remotePeerId: string;
  kind: Kind;
  /** Ends the connection, where it is a call that has rung for long. */
  giveWay: () => void;
}

export interface Place {
  /** Idempotent, like `end`. */
  establish: () => void;
  end: () => void;
}

interface Taken extends Applicant {
  takenAt: number;
}

export class UnestablishedConnections {
  readonly #taken = new Set<Taken>();
  readonly #listeners = new Set<() => void>();

  /** All places that are taken. */
  get size(): number {
    return this.#taken.size;
  }

  has(applicant: Omit<Applicant, 'giveWay'>): boolean {
    const crowd = this.#crowdOf(applicant);
    return !crowd || hasRungForLong(crowd[0]!);
  }

  /** Undefined where no place is free. */
  take(applicant: Applicant): Place | undefined {
    if (!this.has(applicant)) return undefined;
    const oldest = this.#crowdOf(applicant)?.[0];
    oldest?.giveWay();
    if (oldest) this.#free(oldest);
    const taken: Taken = { ...applicant, takenAt: Date.now() };
    this.#taken.add(taken);
    return {
      establish: () => {
        this.#free(taken);
      },
      end: () => {
        if (!this.#taken.has(taken)) return;
        const restMs = taken.takenAt + ESTABLISHMENT_TIMEOUT_MS - Date.now();
        if (restMs <= 0) this.#free(taken);
        else setTimeout(() => this.#free(taken), restMs);
      },
    };
  }

  /** Calls `listener` whenever a place is free again, until the returned function is called. */
  onFree(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Those that take all places there are for the applicant, the oldest first; undefined: there is a free one. */
  #crowdOf({ peer, remotePeerId, kind }: Omit<Applicant, 'giveWay'>): Taken[] | undefined {
    const ofKind = [...this.#taken].filter((other) => other.kind === kind);
    const ofRemotePeer = ofKind.filter((other) => other.peer === peer && other.remotePeerId === remotePeerId);
    if (ofRemotePeer.length >= MAX_OF_REMOTE_PEER) return ofRemotePeer;
    return ofKind.length >= MAX_OF_SITE ? ofKind : undefined;
  }

  #free(taken: Taken): void {
    if (!this.#taken.delete(taken)) return;
    for (const listener of [...this.#listeners]) listener();
  }
}

function hasRungForLong({ kind, takenAt }: Taken): boolean {
  return kind === 'calls' && Date.now() - takenAt >= RINGING_MS;
}
