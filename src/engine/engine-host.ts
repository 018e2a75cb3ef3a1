// The engine host: every attached document, and how one gets attached. The background announces it with a one-time
// ticket; its port and its death sensor arrive on other ways and show that ticket. Knows no WebExtension API.
import type { Endpoint } from '../channel/endpoint';
import type { Admission, SiteDocument } from '../protocol/control-messages';
import type { PeerStart } from '../protocol/page-messages';
import { Attachment, type Background } from './attachment';
import { WindowBudget } from './flow-window';
import type { PeerContext } from './hosted-peer';
import { LiveIds } from './live-ids';

/** A document whose port has not come by then has gone: the slowest way of a port takes under 2 s. */
const TICKET_LIFETIME_MS = 30_000;
/** How long the host stays when nothing is attached: a reload or the next page finds it warm. */
const IDLE_MS = 60_000;

interface Guest {
  attachment: Attachment;
  /** Good for one port and one sensor, which come on different ways and so in either order. */
  ticket: string;
  hasSensor: boolean;
  expiry: ReturnType<typeof setTimeout>;
}

export interface HostEnvironment extends Omit<PeerContext, 'liveIds' | 'budget'> {
  background: Background;
  /** Nothing has been attached for IDLE_MS; told again after each further IDLE_MS. */
  onIdle: () => void;
}

export class EngineHost {
  readonly #environment: HostEnvironment;
  readonly #context: PeerContext;
  readonly #guests = new Set<Guest>();
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(environment: HostEnvironment) {
    this.#environment = environment;
    const { createPeerConnection, createWebSocket, fetch, clock } = environment;
    this.#context = {
      createPeerConnection,
      createWebSocket,
      fetch,
      clock,
      liveIds: new LiveIds(),
      budget: new WindowBudget(),
    };
    this.#watchIdleness();
  }

  get isIdle(): boolean {
    return this.#guests.size === 0;
  }

  /** Starts the document's first Peer at once; its port will come with `ticket`. */
  expect(ticket: string, document: SiteDocument, start: PeerStart, admission: Admission): void {
    const attachment = new Attachment(document, this.#context, this.#environment.background);
    const guest: Guest = {
      attachment,
      ticket,
      hasSensor: false,
      expiry: setTimeout(() => {
        this.#dismiss(guest);
      }, TICKET_LIFETIME_MS),
    };
    this.#guests.add(guest);
    clearTimeout(this.#idleTimer);
    attachment.startPeer(start, admission);
  }

  /** True if `ticket` was given to this document, as the browser reports it. */
  isFor(ticket: unknown, documentId: string | undefined): boolean {
    return this.#find(ticket)?.attachment.document.documentId === documentId && documentId !== undefined;
  }

  /** Burns the ticket for ports; closes a port that shows none that is valid. */
  bind(ticket: unknown, endpoint: Endpoint): void {
    const guest = this.#find(ticket);
    if (!guest || guest.attachment.isBound) {
      endpoint.close();
      return;
    }
    if (guest.hasSensor) clearTimeout(guest.expiry);
    guest.attachment.bind(endpoint);
  }

  /**
   * Ties the document's life to a port that tells when it closes. Returns what to call then, or undefined if the ticket
   * is not valid for a sensor.
   */
  sense(ticket: unknown): (() => void) | undefined {
    const guest = this.#find(ticket);
    if (!guest || guest.hasSensor) return undefined;
    guest.hasSensor = true;
    if (guest.attachment.isBound) clearTimeout(guest.expiry);
    return () => {
      this.#dismiss(guest);
    };
  }

  #find(ticket: unknown): Guest | undefined {
    if (typeof ticket !== 'string') return undefined;
    for (const guest of this.#guests) if (guest.ticket === ticket) return guest;
    return undefined;
  }

  #dismiss(guest: Guest): void {
    clearTimeout(guest.expiry);
    if (!this.#guests.delete(guest)) return;
    guest.attachment.dispose();
    if (this.isIdle) this.#watchIdleness();
  }

  #watchIdleness(): void {
    this.#idleTimer = setTimeout(() => {
      this.#environment.onIdle();
      // Should the background have died over it, it is told again.
      this.#watchIdleness();
    }, IDLE_MS);
  }
}
