// One direction of a network that loses, slows and delays packets, as a test tells it to. Knows no sockets.

export interface Narrowness {
  /** The share of packets that is lost at random, 0 to 1. */
  loss?: number;
  /** Bits a second; without it, as many as come. */
  rate?: number;
  /** Added to each packet's way, milliseconds. */
  delayMs?: number;
}

/** How long a packet may wait for its turn before the queue takes no more, as that of an ordinary router. */
const MAX_QUEUE_MS = 300;
/** What UDP and IPv4 add to a packet. */
const HEADER_BYTES = 28;

export class NarrowLane {
  readonly #random: () => number;
  readonly #now: () => number;
  #narrowness: Narrowness = {};
  /** When the last packet taken will have been sent. */
  #freeAt = 0;
  /** In order; a packet never overtakes another. */
  #queue: { dueAt: number; deliver: () => void }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lostCount = 0;

  /** `random`: numbers in [0, 1). */
  constructor(random: () => number, now: () => number = () => performance.now()) {
    this.#random = random;
    this.#now = now;
  }

  /** Packets that were never delivered, for whatever reason. */
  get lostCount(): number {
    return this.#lostCount;
  }

  /** Takes the place of what was set before; what waits already keeps its turn. */
  set(narrowness: Narrowness): void {
    this.#narrowness = narrowness;
  }

  /** Delivers a packet in its time, or never. */
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

  /** Loses what waits. */
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
