// Flow control from a page to a data channel. The page may have one window of bytes on the way. The host hands the
// bytes to the channel at once and credits them back when the channel has sent them (`bufferedamountlow`, never a
// timer). Data that the network cannot take yet thus stays in the page, and the host holds at most one window per
// connection. The owner must call `add` for all bytes that it hands to the channel, and `close` in the end.

/** Bytes, while few connections are busy: 40 ms at 25 MB/s, many times the delay from page to host. */
const MAX_WINDOW = 1024 * 1024;
/** Bytes, while hundreds of connections are busy. A larger message goes alone. */
const MIN_WINDOW = 128 * 1024;
/** Bytes that all connections of the host together may have on the way. */
const TOTAL_WINDOW = 64 * 1024 * 1024;
/** Bytes per credit: each credit costs a port message, and a late one makes the page pause. */
const QUANTUM = 128 * 1024;

/** Bytes. A smaller credit is delayed, so that a short message does not cost a port message back. */
const SMALL_CREDIT = 32 * 1024;
/** Delay of a small credit: a page that watches `bufferedAmount` still sees zero within one frame. */
const SMALL_CREDIT_DELAY_MS = 16;

/** Shares TOTAL_WINDOW among documents, then among each document's busy connections. */
export class WindowBudget {
  readonly #busyByDocument = new Map<object, number>();

  /** The window of one connection of `document`, in bytes. */
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

  /** `grant` posts a credit of `bytes` and the present `window` to the page. */
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

  /** Bytes that the page has sent and that are not credited back yet. */
  get onTheWay(): number {
    return this.#onTheWay;
  }

  /** Call after handing the page's bytes to the channel. */
  add(bytes: number): void {
    if (this.#onTheWay === 0 && bytes > 0) this.#budget.markBusy(this.#document);
    this.#onTheWay += bytes;
    // The event comes only when the amount falls to the threshold. It never comes if the amount is already below (bytes
    // that do not fill a frame yet, or a channel that drained while the page sent).
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

  /**
   * Bytes that have left the channel. The channel's amount includes frame headers, so this may be too low, never too
   * high.
   */
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

  /** Makes the channel report when the next quantum is sent. */
  #aim(): void {
    this.#channel.bufferedAmountLowThreshold = this.#threshold();
  }

  #threshold(): number {
    return Math.max(0, this.#onTheWay - QUANTUM);
  }
}
