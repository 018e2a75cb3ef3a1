// Flow control from a page to a data channel. The page may have a window of bytes on the way; the host hands them to
// the channel at once and gives them back when the channel has sent them on (`bufferedamountlow`, never a timer). So
// what a page sends faster than the network takes stays in the page, and the host holds one window a connection.

/** The window of a connection while few are busy, bytes: 40 ms of a 25 MB/s link, many times the way page to host. */
const MAX_WINDOW = 1024 * 1024;
/** The window where hundreds are busy. What is larger goes alone. */
const MIN_WINDOW = 128 * 1024;
/** What all connections of the host together may have on the way, bytes. */
const TOTAL_WINDOW = 64 * 1024 * 1024;
/** Bytes given back at a time: a credit costs a port message, and a late one a pause. */
const QUANTUM = 128 * 1024;

/** Less than this is given back only when it has waited, so that a short message does not cost another one. */
const SMALL_CREDIT = 32 * 1024;
/** How long it waits: a page that watches `bufferedAmount` learns within a frame that it is zero. */
const SMALL_CREDIT_DELAY_MS = 16;

/** Shares TOTAL_WINDOW among documents, then among each document's busy connections. */
export class WindowBudget {
  readonly #busyByDocument = new Map<object, number>();

  /** The window of one connection of `document`, bytes. */
  windowFor(document: object): number {
    const busy = Math.max(1, this.#busyByDocument.get(document) ?? 0);
    const documents = Math.max(1, this.#busyByDocument.size);
    return Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, Math.floor(TOTAL_WINDOW / documents / busy)));
  }

  markBusy(document: object): void {
    this.#busyByDocument.set(document, (this.#busyByDocument.get(document) ?? 0) + 1);
  }

  markIdle(document: object): void {
    const left = (this.#busyByDocument.get(document) ?? 1) - 1;
    if (left > 0) this.#busyByDocument.set(document, left);
    else this.#busyByDocument.delete(document);
  }
}

/** The channel as far as flow control sees it. */
export type DrainingChannel = Pick<
  RTCDataChannel,
  'bufferedAmount' | 'bufferedAmountLowThreshold' | 'onbufferedamountlow'
>;

export class FlowWindow {
  readonly #channel: DrainingChannel;
  readonly #budget: WindowBudget;
  readonly #document: object;
  readonly #grant: (bytes: number, window: number) => void;
  #onTheWay = 0;
  #smallCreditTimer: ReturnType<typeof setTimeout> | undefined;

  /** `grant` tells the page. */
  constructor(
    channel: DrainingChannel,
    budget: WindowBudget,
    document: object,
    grant: (bytes: number, window: number) => void,
  ) {
    this.#channel = channel;
    this.#budget = budget;
    this.#document = document;
    this.#grant = grant;
    channel.onbufferedamountlow = () => {
      this.#giveBack();
    };
  }

  /** Bytes that the page sent and that are not yet given back. */
  get onTheWay(): number {
    return this.#onTheWay;
  }

  /** Call when the page's bytes have been handed to the channel. */
  add(bytes: number): void {
    if (this.#onTheWay === 0 && bytes > 0) this.#budget.markBusy(this.#document);
    this.#onTheWay += bytes;
    // An event comes only when the amount falls to the threshold. Where it lies below already (bytes that make no frame
    // yet, or a channel that drained while the page sent) none would.
    if (this.#channel.bufferedAmount <= this.#threshold()) this.#giveBack();
    else this.#aim();
  }

  close(): void {
    this.#channel.onbufferedamountlow = null;
    clearTimeout(this.#smallCreditTimer);
    if (this.#onTheWay > 0) this.#budget.markIdle(this.#document);
    this.#onTheWay = 0;
  }

  #giveBack(): void {
    if (this.#drained >= SMALL_CREDIT) this.#grantDrained();
    else if (this.#drained > 0) {
      this.#smallCreditTimer ??= setTimeout(() => {
        this.#grantDrained();
      }, SMALL_CREDIT_DELAY_MS);
    }
    this.#aim();
  }

  /** What the channel still holds includes frame headers: counting them as the page's bytes errs on the late side. */
  get #drained(): number {
    return Math.max(0, this.#onTheWay - this.#channel.bufferedAmount);
  }

  #grantDrained(): void {
    clearTimeout(this.#smallCreditTimer);
    this.#smallCreditTimer = undefined;
    const bytes = this.#drained;
    if (bytes === 0) return;
    this.#onTheWay -= bytes;
    if (this.#onTheWay === 0) this.#budget.markIdle(this.#document);
    this.#grant(bytes, this.#budget.windowFor(this.#document));
    this.#aim();
  }

  /** Has the channel report when the next quantum is gone. */
  #aim(): void {
    this.#channel.bufferedAmountLowThreshold = this.#threshold();
  }

  #threshold(): number {
    return Math.max(0, this.#onTheWay - QUANTUM);
  }
}
