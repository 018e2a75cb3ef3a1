// The starts of one document's Peers, from the page's request to the registration. Each start waits for its turn
// (`StartThrottle`), for the Peer's place in the site's quota, and for the background's admission. A start that the page
// no longer wants ends silently. The owner must create the Peer before its first start, and call `drop` when the Peer
// disconnects, `leave` when it is parked or ends, and `dropAll` when the document is gone.
import type { Logger } from '../../diagnostics/diagnostic-log';
import type { Admission, AdmitReply, Conditions, Site } from '../../protocol/control-messages';
import type { ErrorInfo, PeerErrorType } from '../../protocol/errors';
import type { PeerStart } from '../../protocol/page-messages';
import type { PageOutbox } from '../connection/page-outbox';
import { PeerPlace } from '../policy/peer-place';
import type { Quota } from '../policy/quotas';
import { StartThrottle } from '../policy/start-throttle';
import type { HostedPeer } from './hosted-peer';
import type { StartAttempt } from './registration';

export interface PeerStartsOptions {
  quota: Quota;
  outbox: Pick<PageOutbox, 'post'>;
  log: Logger<'documents'>;
  site: Site;
  find: (peerKey: number) => HostedPeer | undefined;
  /** Asks the background. Rejects if the background cannot be reached. */
  admit: (start: PeerStart) => Promise<AdmitReply>;
  /** The background's admission of a Peer brings the latest conditions for the document. */
  enforce: (conditions: Conditions) => void;
  end: (peerKey: number) => void;
}

export class PeerStarts {
  readonly #options: PeerStartsOptions;
  readonly #throttle: StartThrottle;
  readonly #places = new Map<number, PeerPlace>();

  constructor(options: PeerStartsOptions) {
    this.#options = options;
    this.#throttle = new StartThrottle({
      run: (start) => {
        void this.#run(start);
      },
      refuse: (start, reason) => {
        this.#refuse(start, reason);
      },
    });
  }

  /** The page starts a Peer, or starts it anew. */
  request(start: PeerStart): void {
    this.#placeOf(start);
    this.#throttle.add(start);
  }

  /** Starts the document's first Peer, which the background has admitted when it announced the document. */
  async startAdmitted(start: PeerStart, admission: Admission): Promise<void> {
    const peer = this.#options.find(start.peerKey)!;
    const attempt = peer.beginStart(start);
    if (this.#placeOf(start).isTaken || (await this.#getsPlace(attempt))) await peer.register(attempt, admission);
  }

  /** Drops the start that waits for its turn. */
  drop(peerKey: number): void {
    this.#throttle.drop(peerKey);
  }

  /** Frees the Peer's place. Idempotent. */
  leave(peerKey: number): void {
    this.drop(peerKey);
    this.#places.get(peerKey)?.leave();
    this.#places.delete(peerKey);
  }

  dropAll(): void {
    this.#throttle.dropAll();
  }

  async #run(start: PeerStart): Promise<void> {
    const peer = this.#options.find(start.peerKey);
    if (!peer) return;
    const attempt = peer.beginStart(start);
    if (peer.canRestart(start)) {
      await peer.register(attempt, undefined);
      return;
    }
    if (!this.#placeOf(start).isTaken && !(await this.#getsPlace(attempt))) return;
    const reply = await this.#options.admit(start).catch((error: unknown): AdmitReply => {
      this.#options.log.error('not-asked', { site: this.#options.site, error });
      return { status: 'denied', message: String(error) };
    });
    if (!attempt.isWanted) return;
    if (reply.status === 'admitted') {
      this.#options.enforce(reply.admission);
      await peer.register(attempt, reply.admission);
    } else {
      this.#fail(start, { type: reply.errorType ?? 'permission-denied', message: reply.message });
    }
  }

  /** Waits for the Peer's place. Returns false if the Peer is refused one, or if the start is no longer wanted. */
  async #getsPlace(attempt: StartAttempt): Promise<boolean> {
    const refusal = await this.#placeOf(attempt.start).refusal;
    if (!attempt.isWanted) return false;
    if (refusal !== undefined) this.#refuse(attempt.start, refusal);
    return refusal === undefined;
  }

  /** The Peer's place in the site's quota, or its wait for one, since its first start. */
  #placeOf({ peerKey }: PeerStart): PeerPlace {
    const place = this.#places.get(peerKey) ?? new PeerPlace(this.#options.quota);
    this.#places.set(peerKey, place);
    return place;
  }

  /** A Peer without an ID ends with its failed start. A Peer that has an ID keeps its connections. */
  #refuse(start: PeerStart, message: string): void {
    this.#fail(start, { type: 'limit-reached', message });
    const isNew = this.#options.find(start.peerKey)?.address.peerId === undefined;
    if (isNew) this.#options.end(start.peerKey);
  }

  #fail({ peerKey, epoch }: PeerStart, error: ErrorInfo<PeerErrorType>): void {
    this.#options.log.info('peer-denied', { site: this.#options.site, type: error.type });
    this.#options.outbox.post({ type: 'peer.failed', peerKey, epoch, error });
  }
}
