// The Peers of one document, by the page's keys, from a page's first request for one to its end. While the document is
// parked, they are the Peers that its site's next document may adopt. The owner must call `endAll` in the end.
import type { Admission } from '../../protocol/control-messages';
import type { LiveDocument } from '../../protocol/live-messages';
import type { PeerStart } from '../../protocol/page-messages';
import { HostedPeer } from './hosted-peer';
import type { PeerEnvironment, PeerOwner } from './peer-environment';
import { PeerStarts, type PeerStartsOptions } from './peer-starts';

export interface DocumentPeersOptions extends Pick<PeerStartsOptions, 'admit' | 'enforce'> {
  owner: PeerOwner;
  environment: PeerEnvironment;
  onEnding: (peerKey: number) => void;
}

export class DocumentPeers {
  readonly #options: DocumentPeersOptions;
  readonly #peers = new Map<number, HostedPeer>();
  readonly #starts: PeerStarts;
  #isParked = false;
  #failure: LiveDocument['failure'];

  constructor(options: DocumentPeersOptions) {
    this.#options = options;
    const { owner, environment, admit, enforce } = options;
    this.#starts = new PeerStarts({
      quota: owner.quota,
      outbox: owner.outbox,
      log: environment.diagnosticLog.logger('documents'),
      site: owner.document.site,
      find: (peerKey) => this.#peers.get(peerKey),
      admit,
      enforce,
      end: (peerKey) => {
        this.end(peerKey);
      },
    });
  }

  /** A copy: Peers may end while a caller iterates. */
  get all(): readonly [peerKey: number, peer: HostedPeer][] {
    return [...this.#peers];
  }

  get isEmpty(): boolean {
    return this.#peers.size === 0;
  }

  /** Why the last Peer could not register; undefined while there is a Peer. */
  get failure(): LiveDocument['failure'] {
    return this.isEmpty ? this.#failure : undefined;
  }

  find(peerKey: number): HostedPeer | undefined {
    return this.#peers.get(peerKey);
  }

  /** Starts the first Peer, with the admission that came with the announcement of the document. */
  startAdmitted(start: PeerStart, admission: Admission): void {
    this.#create(start);
    void this.#starts.startAdmitted(start, admission);
  }

  /** The page starts a Peer, or starts it anew. */
  start(start: PeerStart): void {
    // Created at once, so that the page's next messages find the Peer.
    this.#create(start);
    this.#starts.request(start);
  }

  disconnect(peerKey: number): void {
    this.#starts.drop(peerKey);
    this.#peers.get(peerKey)?.disconnect();
  }

  end(peerKey: number): void {
    const peer = this.#peers.get(peerKey);
    if (!peer) return;
    const facts = peer.liveFacts();
    this.#failure = facts?.problem && { server: facts.server, problem: facts.problem };
    this.#options.onEnding(peerKey);
    // Delete it first: closing its last connection may end the parking, and so dispose of the whole document.
    this.#peers.delete(peerKey);
    if (this.#isParked) this.#options.owner.quota.parkedPeers -= 1;
    this.#starts.leave(peerKey);
    peer.destroy();
  }

  endAll(): void {
    this.#starts.dropAll();
    for (const peerKey of [...this.#peers.keys()]) this.end(peerKey);
  }

  /** The page is gone. Parks the Peers that have connections to keep, within the site's quota, and ends the others. */
  park(): void {
    const { quota } = this.#options.owner;
    this.#starts.dropAll();
    for (const [peerKey, peer] of this.all) {
      if (!quota.mayParkPeer || !peer.park()) {
        this.end(peerKey);
        continue;
      }
      quota.parkedPeers += 1;
      this.#starts.leave(peerKey);
    }
    this.#isParked = !this.isEmpty;
  }

  /** A parked Peer without connections can never be adopted; ends it. */
  endUnconnected(): void {
    for (const [peerKey, peer] of this.all) if (peer.connections.length === 0) this.end(peerKey);
  }

  #create(start: PeerStart): void {
    if (this.#peers.has(start.peerKey)) return;
    const { owner, environment } = this.#options;
    this.#peers.set(start.peerKey, new HostedPeer(start, owner, environment));
  }
}
