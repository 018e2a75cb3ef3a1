// The places for a site's connections that remote peers have offered and that are not established yet. An offer costs a
// remote peer nothing and this browser an RTCPeerConnection, so places are limited per remote peer and in total. A
// connection that ends unestablished keeps its place until its deadline: else a remote peer could offer and end without
// pause. Callers must call `establish` or `end` of each place.
import type { Kind } from './permitted-kinds';

/** Places per remote peer and Peer. A page that opens a connection for each purpose needs a handful. */
const MAX_OF_REMOTE_PEER = 16;
/**
 * Places of all remote peers, for data connections and for calls each. On a good network a place is free again in a
 * second.
 */
const MAX_OF_SITE = 64;

/**
 * A connection that is not established by then never will be: browsers give up ICE after 15 to 30 seconds, and
 * PeerServer drops an undeliverable offer after 5.
 */
export const ESTABLISHMENT_TIMEOUT_MS = 30_000;

/**
 * After this time a ringing call gives up its place if another offer needs it. Otherwise it may ring forever, as in
 * PeerJS. A telephone rings for half as long.
 */
const RINGING_MS = 60_000;

export interface Applicant {
  /** The Peer that was offered the connection. */
  peer: object;
  remotePeerId: string;
  kind: Kind;
  /** Ends the call that has rung for too long. */
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

  /** The number of taken places. */
  get size(): number {
    return this.#taken.size;
  }

  has(applicant: Omit<Applicant, 'giveWay'>): boolean {
    const crowd = this.#crowdOf(applicant);
    return !crowd || hasRungForLong(crowd[0]!);
  }

  /** Undefined if no place is free. */
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

  /** Calls `listener` whenever a place becomes free, until the returned function is called. */
  onFree(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The holders of all places that the applicant could get, the oldest first; undefined if a place is free. */
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
