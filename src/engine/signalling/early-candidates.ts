// Queues candidates that arrive before their offer, by remote peer and connection (PeerJS: by connection alone, without
// bounds). Keeps a few for each connection and for a short time, because the offer is on its way. The owner must call
// `clear` in the end.
import { connectionName } from '../connection/connection-name';
import { bytesOf, QueuedBytes } from '../policy/queued-bytes';
import type { Quota } from '../policy/quotas';

const MAX_CONNECTIONS = 128;
/** Per remote peer, so that a flood from one does not drop the candidates of the others. */
const MAX_CONNECTIONS_OF_REMOTE_PEER = 64;
const MAX_CANDIDATES = 32;
/** A browser's candidate has some 200 bytes, twice that as JSON. */
const MAX_BYTES = 1024 * 1024;
/** PeerServer drops a held-back offer after 5 seconds, and an offer on its way takes less. */
const LIFETIME_MS = 30_000;

interface QueuedCandidates {
  remotePeerId: string;
  candidates: RTCIceCandidateInit[];
  bytes: number;
  queuedAt: number;
}

export class EarlyCandidates {
  readonly #queuedBytes: QueuedBytes;
  /** By connection name, the oldest first. */
  readonly #queued = new Map<string, QueuedCandidates>();
  #expiry: ReturnType<typeof setTimeout> | undefined;

  constructor(quota: Pick<Quota, 'queuedBytes' | 'queuedBytesRefusal'>) {
    this.#queuedBytes = new QueuedBytes(quota);
  }

  /** Queues the candidate. Beyond a bound, drops it, or the candidates of the connection that has waited longest. */
  add(remotePeerId: string, connectionId: string, candidate: RTCIceCandidateInit): void {
    const name = connectionName(remotePeerId, connectionId);
    const queued = this.#queued.get(name) ?? { remotePeerId, candidates: [], bytes: 0, queuedAt: Date.now() };
    const bytes = bytesOf(candidate);
    if (queued.candidates.length >= MAX_CANDIDATES || bytes > MAX_BYTES) return;
    if (this.#queuedBytes.refusal(bytes) !== undefined) return;
    queued.candidates.push(candidate);
    queued.bytes += bytes;
    this.#queuedBytes.bytes += bytes;
    this.#queued.set(name, queued);
    this.#dropExcess(remotePeerId);
    this.#expireLater();
  }

  /** Removes and returns the candidates of this connection, in order. */
  claim(remotePeerId: string, connectionId: string): RTCIceCandidateInit[] {
    return this.#drop(connectionName(remotePeerId, connectionId))?.candidates ?? [];
  }

  clear(): void {
    for (const name of [...this.#queued.keys()]) this.#drop(name);
  }

  /** Drops the oldest connections first: most likely nobody will claim them. */
  #dropExcess(remotePeerId: string): void {
    const ofRemotePeer = [...this.#queued].filter(([, queued]) => queued.remotePeerId === remotePeerId);
    if (ofRemotePeer.length > MAX_CONNECTIONS_OF_REMOTE_PEER) this.#drop(ofRemotePeer[0]![0]);
    while (this.#queued.size > MAX_CONNECTIONS || this.#queuedBytes.bytes > MAX_BYTES) {
      this.#drop(this.#queued.keys().next().value!);
    }
  }

  #drop(name: string): QueuedCandidates | undefined {
    const queued = this.#queued.get(name);
    if (!queued) return undefined;
    this.#queued.delete(name);
    this.#queuedBytes.bytes -= queued.bytes;
    if (this.#queued.size === 0) {
      clearTimeout(this.#expiry);
      this.#expiry = undefined;
    }
    return queued;
  }

  #expireLater(): void {
    const [first] = this.#queued.values();
    if (!first || this.#expiry !== undefined) return;
    this.#expiry = setTimeout(
      () => {
        this.#expiry = undefined;
        const oldest = Date.now() - LIFETIME_MS;
        for (const [name, { queuedAt }] of this.#queued) if (queuedAt <= oldest) this.#drop(name);
        this.#expireLater();
      },
      first.queuedAt + LIFETIME_MS - Date.now(),
    );
  }
}
