// The engine host: every attached document, and how one gets attached. The background announces it with a one-time
// ticket; its runtime port shows that ticket, and so does the MessagePort that follows. Knows no WebExtension API.
import type { Endpoint } from '../channel/endpoint';
import type { Admission, ServedDocument, SiteDocument, TabConnections, Verdict } from '../protocol/control-messages';
import type { PeerStart } from '../protocol/page-messages';
import type { OwnIceServer, RelayTrial } from '../protocol/ui-messages';
import { AttachedDocument, type Background } from './attached-document';
import { ConnectionCensus } from './connection/connection-census';
import { WindowBudget } from './data/flow-window';
import { IdsInUse } from './peer/ids-in-use';
import { LiveView } from './monitor/live-view';
import type { PeerEnvironment } from './peer/peer-environment';
import { Quotas } from './policy/quotas';
import { testRelay } from './policy/relay-test';
import type { UncollectedConnections } from './policy/uncollected-connections';
import { ParkedDocuments } from './reload/parked-documents';

/** A document whose runtime port has not come by then has gone: it takes milliseconds. */
const TICKET_LIFETIME_MS = 30_000;
/** How long the host stays when nothing is attached: a reload or the next page finds it warm. */
const IDLE_MS = 60_000;

interface Guest {
  attachment: AttachedDocument;
  /** Good for one runtime port, which must be the document's own, and then for one MessagePort. */
  ticket: string;
  expiry: ReturnType<typeof setTimeout>;
}

export interface HostEnvironment extends Omit<
  PeerEnvironment,
  'idsInUse' | 'budget' | 'census' | 'quotas' | 'parkedDocuments'
> {
  background: Background;
  /** Has all that `createPeerConnection` makes, where the browser counts closed ones. */
  uncollected?: UncollectedConnections;
  /** Nothing has been attached for IDLE_MS; told again after each further IDLE_MS. */
  onIdle: () => void;
  /** There is something to do from now on, or nothing any more: a browser may have to be told to keep the host. */
  onOccupied: (isOccupied: boolean) => void;
  /** Connections were begun or have ended in these tabs. */
  onConnections: (tabs: TabConnections[]) => void;
  /** What this document had waits for the site's next one in the tab: `leaveTab` has to be called when none can come. */
  onWaiting: (document: SiteDocument) => void;
}

export class EngineHost {
  readonly #environment: HostEnvironment;
  readonly #peerEnvironment: PeerEnvironment;
  /** By ticket. */
  readonly #guests = new Map<string, Guest>();
  /** The one that was announced last, by frame. */
  readonly #byFrame = new Map<string, Guest>();
  readonly #liveView: LiveView;
  readonly #parkedDocuments = new ParkedDocuments((attachment) => {
    for (const guest of this.#guests.values()) if (guest.attachment === attachment) this.#dismiss(guest);
  });
  #relayTrials = 0;
  #isOccupied = false;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(environment: HostEnvironment) {
    this.#environment = environment;
    const { createPeerConnection, mediaPaths, createWebSocket, fetch, clock, onConnections } = environment;
    const census = new ConnectionCensus(clock, onConnections);
    this.#peerEnvironment = {
      createPeerConnection,
      mediaPaths,
      createWebSocket,
      fetch,
      clock,
      idsInUse: new IdsInUse(),
      budget: new WindowBudget(),
      census,
      quotas: new Quotas(environment.uncollected),
      parkedDocuments: this.#parkedDocuments,
    };
    const attachments = (): AttachedDocument[] => Array.from(this.#guests.values(), ({ attachment }) => attachment);
    this.#liveView = new LiveView({ attachments, census, clock });
    this.#watchIdleness();
  }

  get isIdle(): boolean {
    return this.#guests.size === 0 && this.#relayTrials === 0;
  }

  /**
   * Starts the document's first Peer at once; its port will come with `ticket`. A document has one attachment: one that is
   * announced again gets another in its place.
   */
  expect(ticket: string, document: SiteDocument, start: PeerStart, admission: Admission): void {
    // The background asks again where it did not hear that it was heard.
    if (this.#find(ticket)) return;
    const attachment = new AttachedDocument(document, this.#peerEnvironment, this.#environment.background, () => {
      this.#dismiss(guest);
    });
    const guest: Guest = {
      attachment,
      ticket,
      expiry: setTimeout(() => {
        this.#dismiss(guest);
      }, TICKET_LIFETIME_MS),
    };
    this.#guests.set(ticket, guest);
    clearTimeout(this.#idleTimer);
    this.#noteOccupation();
    // A frame shows one document: the former one is gone, though its port may not have said so yet.
    const frame = frameOf(document);
    const former = this.#byFrame.get(frame);
    this.#byFrame.set(frame, guest);
    if (former) this.#leave(former);
    attachment.startPeer(start, admission);
  }

  /**
   * Binds a document's runtime port, `documentId` as the browser reports it. Returns what to call when the port is gone,
   * which ends all that the document had, or has it wait for the next document; undefined, and the port is closed, if it has
   * no right to the ticket.
   */
  bind(ticket: unknown, documentId: string | undefined, endpoint: Endpoint): (() => void) | undefined {
    const guest = this.#find(ticket);
    if (!guest || !guest.attachment.isExpected || guest.attachment.document.documentId !== documentId) {
      endpoint.close();
      return undefined;
    }
    clearTimeout(guest.expiry);
    guest.attachment.bind(endpoint);
    return () => {
      this.#leave(guest);
    };
  }

  /** Moves a document's data plane to a MessagePort; closes the port if it has no right to the ticket. */
  move(ticket: unknown, port: Endpoint): void {
    const attachment = this.#find(ticket)?.attachment;
    if (attachment?.isBound && !attachment.hasMoved && !attachment.isWaiting) attachment.move(port);
    else port.close();
  }

  /** The tab shows another site, or is closed: what waits for a document there waits in vain. */
  leaveTab(tabId: number): void {
    this.#parkedDocuments.leaveTab(tabId);
  }

  /** Shows the host to a page of the extension until the returned function is called. */
  watch(endpoint: Endpoint): () => void {
    return this.#liveView.watch(endpoint);
  }

  async testRelay(server: OwnIceServer): Promise<RelayTrial> {
    this.#relayTrials += 1;
    this.#noteOccupation();
    try {
      return await testRelay(this.#environment.createPeerConnection, server);
    } finally {
      this.#relayTrials -= 1;
      this.#noteOccupation();
    }
  }

  /** Every document, those whose port has not come yet too: their first Peer is there already. */
  documents(): ServedDocument[] {
    return Array.from(this.#guests.values(), ({ attachment: { document, peers } }) => ({
      document,
      servers: peers.flatMap(({ server }) => server ?? []),
      peerIds: peers.flatMap(({ peerId }) => peerId ?? []),
    }));
  }

  enforce(verdicts: readonly Verdict[]): void {
    const byDocument = new Map(verdicts.map((verdict) => [verdict.documentId, verdict]));
    for (const { attachment } of [...this.#guests.values()]) {
      const verdict = byDocument.get(attachment.document.documentId);
      if (!verdict) continue;
      if ('revoked' in verdict) attachment.revoke(verdict.revoked);
      else attachment.enforce(verdict.conditions);
    }
  }

  #find(ticket: unknown): Guest | undefined {
    return typeof ticket === 'string' ? this.#guests.get(ticket) : undefined;
  }

  #leave(guest: Guest): void {
    const { attachment } = guest;
    if (attachment.isWaiting || !this.#guests.has(guest.ticket)) return;
    clearTimeout(guest.expiry);
    if (!attachment.wait(() => this.#dismiss(guest))) {
      this.#dismiss(guest);
      return;
    }
    this.#parkedDocuments.enter(attachment);
    this.#environment.onWaiting(attachment.document);
  }

  #dismiss(guest: Guest): void {
    clearTimeout(guest.expiry);
    this.#parkedDocuments.leave(guest.attachment);
    if (!this.#guests.delete(guest.ticket)) return;
    const frame = frameOf(guest.attachment.document);
    if (this.#byFrame.get(frame) === guest) this.#byFrame.delete(frame);
    guest.attachment.dispose();
    this.#noteOccupation();
    if (this.isIdle) this.#watchIdleness();
  }

  #noteOccupation(): void {
    if (this.#isOccupied === !this.isIdle) return;
    this.#isOccupied = !this.isIdle;
    this.#environment.onOccupied(this.#isOccupied);
  }

  #watchIdleness(): void {
    this.#idleTimer = setTimeout(() => {
      this.#environment.onIdle();
      // Should the background have died over it, it is told again.
      this.#watchIdleness();
    }, IDLE_MS);
  }
}

function frameOf({ tabId, frameId }: SiteDocument): string {
  return `${tabId} ${frameId}`;
}
