// The engine host. Owns every attached document. The background announces a document with a one-time ticket (`expect`);
// the document's runtime port shows the ticket (`bind`), and so does the MessagePort that follows (`move`).
// Knows no WebExtension API.
import type { Endpoint } from '../channel/endpoint';
import type { Admission, ServedDocument, SiteDocument, TabConnections, Verdict } from '../protocol/control-messages';
import type { Given, Logger } from '../diagnostics/diagnostic-log';
import type { HostDiagnostics } from '../protocol/diagnostics';
import type { PeerStart } from '../protocol/page-messages';
import type { OwnIceServer, RelayTestResult } from '../protocol/ui-messages';
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

/**
 * How long a ticket waits for the document's runtime port. The port takes milliseconds; after this time the document is
 * gone.
 */
const TICKET_LIFETIME_MS = 30_000;
/** How long the host stays with no document attached, so that a reload or the next page finds it warm. */
const IDLE_MS = 60_000;

interface Guest {
  attachedDocument: AttachedDocument;
  /** Valid for one runtime port, which must be the document's own, and then for one MessagePort. */
  ticket: string;
  expiry: ReturnType<typeof setTimeout>;
}

export interface HostEnvironment extends Omit<
  PeerEnvironment,
  'idsInUse' | 'budget' | 'census' | 'quotas' | 'parkedDocuments'
> {
  background: Background;
  /**
   * Counts every RTCPeerConnection that `createPeerConnection` makes. Absent where the browser does not count closed
   * ones.
   */
  uncollected?: UncollectedConnections;
  /** No document has been attached for IDLE_MS; called again after each further IDLE_MS. */
  onIdle: () => void;
  /** The host became busy or idle. A browser that suspends idle pages has to be told to keep a busy host. */
  onOccupied: (isOccupied: boolean) => void;
  /** Connections were created or have ended in these tabs. */
  onConnections: (tabs: TabConnections[]) => void;
  /**
   * This document is parked for the site's next document in the tab. Call `leaveTab` when that document cannot come.
   */
  onParked: (document: SiteDocument) => void;
}

export class EngineHost {
  readonly #environment: HostEnvironment;
  readonly #peerEnvironment: PeerEnvironment;
  /** By ticket. */
  readonly #guests = new Map<string, Guest>();
  /** The guest announced last in each frame. */
  readonly #byFrame = new Map<string, Guest>();
  readonly #liveView: LiveView;
  readonly #parkedDocuments = new ParkedDocuments();
  readonly #log: Logger<'documents'>;
  #relayTests = 0;
  #isOccupied = false;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(environment: HostEnvironment) {
    this.#environment = environment;
    this.#log = environment.diagnosticLog.logger('documents');
    const { createPeerConnection, mediaPaths, createWebSocket, fetch, clock, diagnosticLog, onConnections } =
      environment;
    const census = new ConnectionCensus(clock, onConnections);
    this.#peerEnvironment = {
      createPeerConnection,
      mediaPaths,
      createWebSocket,
      fetch,
      clock,
      diagnosticLog,
      idsInUse: new IdsInUse(),
      budget: new WindowBudget(),
      census,
      quotas: new Quotas(environment.uncollected),
      parkedDocuments: this.#parkedDocuments,
    };
    const attachedDocuments = (): AttachedDocument[] =>
      Array.from(this.#guests.values(), ({ attachedDocument }) => attachedDocument);
    this.#liveView = new LiveView({ documents: attachedDocuments, census, clock });
    this.#startIdleTimer();
  }

  get isIdle(): boolean {
    return this.#guests.size === 0 && this.#relayTests === 0;
  }

  /**
   * Starts the document's first Peer at once; its port will come with `ticket`. A frame has one attached document: a
   * new announcement replaces the former one.
   */
  expect(ticket: string, document: SiteDocument, start: PeerStart, admission: Admission): void {
    // The background repeats its request when the reply was lost.
    if (this.#find(ticket)) return;
    const attachedDocument = new AttachedDocument(document, this.#peerEnvironment, this.#environment.background, () => {
      this.#dismiss(guest);
    });
    const guest: Guest = {
      attachedDocument,
      ticket,
      expiry: setTimeout(() => {
        this.#log.warn('never-came', { site: document.site });
        this.#dismiss(guest);
      }, TICKET_LIFETIME_MS),
    };
    this.#guests.set(ticket, guest);
    this.#log.info('expected', { site: document.site });
    clearTimeout(this.#idleTimer);
    this.#reportOccupation();
    // A frame shows one document: the former one is gone, even if its port is still open.
    const frame = frameOf(document);
    const former = this.#byFrame.get(frame);
    this.#byFrame.set(frame, guest);
    if (former) this.#handleGone(former);
    attachedDocument.startPeer(start, admission);
  }

  /**
   * Binds a document's runtime port; `documentId` is the browser's own report. Returns a function to call when the port
   * is gone, which parks or disposes of the document. Closes the port and returns undefined if the ticket is not for
   * this port.
   */
  bind(ticket: unknown, documentId: string | undefined, endpoint: Endpoint): (() => void) | undefined {
    const guest = this.#find(ticket);
    if (!guest || !guest.attachedDocument.isExpected || guest.attachedDocument.document.documentId !== documentId) {
      this.#log.warn('port-refused', { site: guest?.attachedDocument.document.site, reason: refusalOf(guest) });
      endpoint.close();
      return undefined;
    }
    clearTimeout(guest.expiry);
    this.#log.info('attached', { site: guest.attachedDocument.document.site });
    guest.attachedDocument.bind(endpoint);
    return () => {
      this.#handleGone(guest);
    };
  }

  /** Moves a document's data plane to a MessagePort; closes the port if the ticket is not for it. */
  move(ticket: unknown, port: Endpoint): void {
    const guest = this.#find(ticket);
    const attachedDocument = guest?.attachedDocument;
    if (attachedDocument?.isBound && !attachedDocument.hasMoved && !attachedDocument.isParked) {
      this.#log.info('moved', { site: attachedDocument.document.site });
      attachedDocument.move(port);
    } else {
      this.#log.warn('port-refused', { site: attachedDocument?.document.site, reason: refusalOf(guest) });
      port.close();
    }
  }

  /** The tab shows another site or is closed: ends the documents parked for it. */
  leaveTab(tabId: number): void {
    this.#parkedDocuments.leaveTab(tabId);
  }

  /** Reports the live view to a page of the extension until the returned function is called. */
  watch(endpoint: Endpoint): () => void {
    return this.#liveView.watch(endpoint);
  }

  async testRelay(server: OwnIceServer): Promise<RelayTestResult> {
    this.#relayTests += 1;
    this.#reportOccupation();
    try {
      return await testRelay(this.#environment.createPeerConnection, server);
    } finally {
      this.#relayTests -= 1;
      this.#reportOccupation();
    }
  }

  /** Every document, including those whose port has not come yet: their first Peer already exists. */
  documents(): ServedDocument[] {
    return Array.from(this.#guests.values(), ({ attachedDocument: { document, peers } }) => ({
      document,
      servers: peers.flatMap(({ server }) => server ?? []),
      peerIds: peers.flatMap(({ peerId }) => peerId ?? []),
    }));
  }

  /** The log, and how much there is of each thing, for a bug report. */
  diagnostics(): HostDiagnostics {
    const attached = Array.from(this.#guests.values(), ({ attachedDocument }) => attachedDocument);
    return {
      ...this.#environment.diagnosticLog.read(),
      counts: {
        documents: attached.length,
        peers: attached.reduce((sum, { peers }) => sum + peers.length, 0),
        connections: attached.reduce((sum, { connections }) => sum + connections.length, 0),
        queuedBytes: this.#peerEnvironment.quotas.queuedBytes,
      },
    };
  }

  enforce(verdicts: readonly Verdict[]): void {
    const byDocument = new Map(verdicts.map((verdict) => [verdict.documentId, verdict]));
    for (const { attachedDocument } of [...this.#guests.values()]) {
      const verdict = byDocument.get(attachedDocument.document.documentId);
      if (!verdict) continue;
      if ('revoked' in verdict) attachedDocument.revoke(verdict.revoked);
      else attachedDocument.enforce(verdict.conditions);
    }
  }

  #find(ticket: unknown): Guest | undefined {
    return typeof ticket === 'string' ? this.#guests.get(ticket) : undefined;
  }

  #handleGone(guest: Guest): void {
    const { attachedDocument } = guest;
    if (attachedDocument.isParked || !this.#guests.has(guest.ticket)) return;
    clearTimeout(guest.expiry);
    const end = (): void => {
      this.#dismiss(guest);
    };
    const { site } = attachedDocument.document;
    if (!attachedDocument.park(end)) {
      this.#log.info('gone', { site });
      end();
      return;
    }
    this.#log.info('parked', { site });
    this.#parkedDocuments.enter(attachedDocument, end);
    this.#environment.onParked(attachedDocument.document);
  }

  #dismiss(guest: Guest): void {
    clearTimeout(guest.expiry);
    this.#parkedDocuments.leave(guest.attachedDocument);
    if (!this.#guests.delete(guest.ticket)) return;
    const frame = frameOf(guest.attachedDocument.document);
    if (this.#byFrame.get(frame) === guest) this.#byFrame.delete(frame);
    guest.attachedDocument.dispose();
    this.#reportOccupation();
    if (this.isIdle) this.#startIdleTimer();
  }

  #reportOccupation(): void {
    if (this.#isOccupied === !this.isIdle) return;
    this.#isOccupied = !this.isIdle;
    this.#environment.onOccupied(this.#isOccupied);
  }

  #startIdleTimer(): void {
    this.#idleTimer = setTimeout(() => {
      this.#environment.onIdle();
      // The background may have died before it acted, so repeat the call.
      this.#startIdleTimer();
    }, IDLE_MS);
  }
}

/** Why this guest's port is refused, for the log. */
function refusalOf(guest: Guest | undefined): Given['reason'] {
  if (!guest) return 'unknown-ticket';
  return guest.attachedDocument.isExpected ? 'other-document' : 'used-ticket';
}

function frameOf({ tabId, frameId }: SiteDocument): string {
  return `${tabId} ${frameId}`;
}
