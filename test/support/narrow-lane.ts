// One direction of a simulated network that loses, slows and delays packets. Knows nothing of sockets; call `close()` when done.

export interface Narrowness {
  /** The share of packets lost at random, 0 to 1. Default: 0. */
  loss?: number;
  /** Bits a second. Default: unlimited. */
  rate?: number;
  /** Delay of each packet, milliseconds. Default: 0. */
  delayMs?: number;
}

/** The longest that a packet may queue; beyond it, packets are dropped, as in an ordinary router. */
const MAX_QUEUE_MS = 300;
/** Size of the UDP and IPv4 headers of a packet. */
const HEADER_BYTES = 28;

export class NarrowLane {
  readonly #random: () => number;
  readonly #now: () => number;
  #narrowness: Narrowness = {};
  /** When the last accepted packet will have been sent. */
  #freeAt = 0;
  /** In order: no packet overtakes another. */
  #queue: { dueAt: number; deliver: () => void }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lostCount = 0;

  /** `random` returns numbers in [0, 1). */
  constructor(random: () => number, now: () => number = () => performance.now()) {
    this.#random = random;
    this.#now = now;
  }

  /** How many packets were dropped, at random or by a full queue. */
  get lostCount(): number {
    return this.#lostCount;
  }

  /** Replaces the former values for later packets; queued packets keep their times. */
  set(narrowness: Narrowness): void {
    this.#narrowness = narrowness;
  }

  /** Delivers the packet when it is due, or drops it. */
  carry(bytes: number, deliver: () => void): void {
    const { loss = 0, rate = Infinity, delayMs = 0 } = this.#narrowness;
    const now = this.#now();
    const startsAt = Math.max(now, this.#freeAt);
    if (this.#random() < loss || startsAt - now > MAX_QUEUE_MS) {
      this.#lostCount++;
      return;
    }
    this.#freeAt = startsAt + ((bytes + HEADER_BYTES) * 8000) / rate;
    this.#queue.push({ dueAt: Math.max(this.#freeAt + delayMs, this.#queue.at(-1)?.dueAt ?? 0), deliver });
    if (this.#queue.length === 1) this.#deliverDue();
  }

  /** Drops the queued packets. */
  close(): void {
    clearTimeout(this.#timer);
    this.#queue = [];
  }

  #deliverDue(): void {
    while (this.#queue[0] && this.#queue[0].dueAt <= this.#now()) this.#queue.shift()!.deliver();
    const [next] = this.#queue;
    if (next) this.#timer = setTimeout(() => this.#deliverDue(), next.dueAt - this.#now());
  }
}
