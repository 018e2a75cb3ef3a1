// What the documents of one origin have in all tabs together, and how much they may. A site that opens many tabs or frames
// gets no more of the host than one that does not; windows that are private count apart.
import type { Site } from '../protocol/control-messages';
import type { Limits } from '../protocol/ui-messages';
import { RoomQueue } from './room-queue';

export class Quota {
  #limits: Limits | undefined;
  #peers = 0;
  documents = 0;
  /** Peers of the origin that wait for another to end. */
  readonly peerRequests = new RoomQueue();
  /** Those whose page is gone. They count apart, or the next page could not have as many as it may. */
  waitingPeers = 0;
  connections = 0;
  /** Bytes that wait for the network, for the rest of their message, or for a page. */
  heldBytes = 0;

  /** As the background said last; undefined before it has admitted a document of the origin. */
  get limits(): Limits | undefined {
    return this.#limits;
  }

  set limits(limits: Limits | undefined) {
    this.#limits = limits;
    this.peerRequests.serveSoon();
  }

  get peers(): number {
    return this.#peers;
  }

  set peers(count: number) {
    this.#peers = count;
    this.peerRequests.serveSoon();
  }

  /** Why there may not be another Peer; undefined: there may. */
  get peerRefusal(): string | undefined {
    const { limits, peers } = this;
    if (!limits || peers < limits.peers) return undefined;
    return `This site has ${peers} Peers in all its tabs already, as many as the user's settings allow. Destroy those that are not needed.`;
  }

  get mayPeerWait(): boolean {
    return !this.limits || this.waitingPeers < this.limits.peers;
  }

  get connectionRefusal(): string | undefined {
    const { limits, connections } = this;
    if (!limits || connections < limits.connections) return undefined;
    return `This site has ${connections} connections in all its tabs already, as many as the user's settings allow. Close those that are not needed.`;
  }

  get heldRefusal(): string | undefined {
    const { limits, heldBytes } = this;
    if (!limits || heldBytes <= limits.heldBytes) return undefined;
    return `More than ${limits.heldBytes} bytes of this site's connections wait in the browser, more than the user's settings allow. Send less at a time.`;
  }
}

export class Quotas {
  readonly #byOrigin = new Map<string, Quota>();

  /** For a document of the site, which has to leave again. */
  join(site: Site): Quota {
    const key = keyOf(site);
    const quota = this.#byOrigin.get(key) ?? new Quota();
    this.#byOrigin.set(key, quota);
    quota.documents += 1;
    return quota;
  }

  leave(site: Site): void {
    const key = keyOf(site);
    const quota = this.#byOrigin.get(key);
    if (!quota) return;
    quota.documents -= 1;
    if (quota.documents === 0) this.#byOrigin.delete(key);
  }
}

function keyOf({ origin, isPrivate }: Site): string {
  return `${isPrivate ? 'private ' : ''}${origin}`;
}
