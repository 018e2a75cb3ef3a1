// Candidates that came ahead of their offer. Kept by remote peer and connection (PeerJS keeps them by connection alone,
// without bound), a few of each, and not for long: the offer is on its way.
import { connectionName } from '../connection/connection-name';
import { bytesOf, HeldBytes } from '../policy/held-bytes';
import type { Quota } from '../policy/quotas';

const MAX_CONNECTIONS = 128;
/** Of one remote peer, so that one cannot have the candidates of all others dropped. */
const MAX_CONNECTIONS_OF_REMOTE_PEER = 64;
const MAX_CANDIDATES = 32;
/** A candidate of a browser has some 200 bytes, its JSON included twice that. */
const MAX_BYTES = 1024 * 1024;
/** An offer that PeerServer holds back for a peer that is away expires after 5 seconds; one on its way takes less. */
const LIFETIME_MS = 30_000;

interface Parked {
  remotePeerId: string;
  candidates: RTCIceCandidateInit[];
  bytes: number;
  parkedAt: number;
}

export class EarlyCandidates {
  readonly #held: HeldBytes;
  /** By connection, the oldest first. */
  readonly #parked = new Map<string, Parked>();
  #expiry: ReturnType<typeof setTimeout> | undefined;

  constructor(quota: Pick<Quota, 'heldBytes' | 'heldRefusal'>) {
    this.#held = new HeldBytes(quota);
  }

  /** Keeps the candidate. Where too much is kept already, drops it, or the candidates of the connection that has waited longest. */
  park(remotePeerId: string, connectionId: string, candidate: RTCIceCandidateInit): void {
    const name = connectionName(remotePeerId, connectionId);
    const parked = this.#parked.get(name) ?? { remotePeerId, candidates: [], bytes: 0, parkedAt: Date.now() };
    const bytes = bytesOf(candidate);
    if (parked.candidates.length >= MAX_CANDIDATES || bytes > MAX_BYTES) return;
    if (this.#held.refusal(bytes) !== undefined) return;
    parked.candidates.push(candidate);
    parked.bytes += bytes;
    this.#held.bytes += bytes;
    this.#parked.set(name, parked);
    this.#dropExcess(remotePeerId);
    this.#expireLater();
  }

  /** What waited for this connection, in order; it waits no longer. */
  claim(remotePeerId: string, connectionId: string): RTCIceCandidateInit[] {
    return this.#drop(connectionName(remotePeerId, connectionId))?.candidates ?? [];
  }

  clear(): void {
    for (const name of [...this.#parked.keys()]) this.#drop(name);
  }

  /** The longest waiting are the ones that nobody will claim. */
  #dropExcess(remotePeerId: string): void {
    const ofRemotePeer = [...this.#parked].filter(([, parked]) => parked.remotePeerId === remotePeerId);
    if (ofRemotePeer.length > MAX_CONNECTIONS_OF_REMOTE_PEER) this.#drop(ofRemotePeer[0]![0]);
    while (this.#parked.size > MAX_CONNECTIONS || this.#held.bytes > MAX_BYTES) {
      this.#drop(this.#parked.keys().next().value!);
    }
  }

  #drop(name: string): Parked | undefined {
    const parked = this.#parked.get(name);
    if (!parked) return undefined;
    this.#parked.delete(name);
    this.#held.bytes -= parked.bytes;
    if (this.#parked.size === 0) {
      clearTimeout(this.#expiry);
      this.#expiry = undefined;
    }
    return parked;
  }

  #expireLater(): void {
    const [first] = this.#parked.values();
    if (!first || this.#expiry !== undefined) return;
    this.#expiry = setTimeout(
      () => {
        this.#expiry = undefined;
        const oldest = Date.now() - LIFETIME_MS;
        for (const [name, { parkedAt }] of this.#parked) if (parkedAt <= oldest) this.#drop(name);
        this.#expireLater();
      },
      first.parkedAt + LIFETIME_MS - Date.now(),
    );
  }
}
