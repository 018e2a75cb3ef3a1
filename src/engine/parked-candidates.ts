// Candidates that came ahead of their offer. Kept by remote peer and connection (PeerJS keeps them by connection alone,
// without bound), a few of each.
import { connectionName } from './connection-name';

const MAX_CONNECTIONS = 128;
const MAX_CANDIDATES = 32;

export class ParkedCandidates {
  readonly #parked = new Map<string, RTCIceCandidateInit[]>();

  park(remotePeerId: string, connectionId: string, candidate: RTCIceCandidateInit): void {
    const name = connectionName(remotePeerId, connectionId);
    const candidates = this.#parked.get(name) ?? [];
    if (candidates.length >= MAX_CANDIDATES) return;
    candidates.push(candidate);
    this.#parked.set(name, candidates);
    // The longest waiting are the ones that nobody will claim.
    if (this.#parked.size > MAX_CONNECTIONS) this.#parked.delete(this.#parked.keys().next().value!);
  }

  /** What waited for this connection, in order; it waits no longer. */
  claim(remotePeerId: string, connectionId: string): RTCIceCandidateInit[] {
    const name = connectionName(remotePeerId, connectionId);
    const candidates = this.#parked.get(name) ?? [];
    this.#parked.delete(name);
    return candidates;
  }
}
