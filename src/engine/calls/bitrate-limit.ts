// How much the page's encoder may send over the remote leg of its call. The browser tells an encoder of that leg
// directly: less than the estimated bandwidth while packets are sent again, and hardly anything while packets wait to
// be sent. The page's encoder belongs to another connection, so this class computes the same from the remote leg's
// statistics.

/** One reading of the remote leg's statistics. The last three members count from the leg's start. */
export interface LegReading {
  /** Milliseconds. */
  at: number;
  /** The bandwidth available to the section, bits per second, including packet headers. */
  bitrate: number;
  retransmittedBytes: number;
  packets: number;
  /** Total time that those packets waited to be sent, seconds. */
  waited: number;
}

/** The least that an encoder needs to make a picture, bits per second. */
const MIN_BITRATE = 50_000;
/** A limit that changes by less than this share is not worth a message. */
const NOTABLE = 0.05;
/** The share of encoded frames in the packets that carry them, for small packets. */
const PAYLOAD_SHARE = 0.95;
/** Retransmissions take at most this share from the encoder, as in libwebrtc. */
const MAX_RETRANSMITTED_SHARE = 0.5;
/** The share of past retransmissions that each reading forgets: a burst counts at once, and for about a second. */
const FORGOTTEN_SHARE = 0.2;
/** How long the packets of a large frame normally wait, seconds. */
const USUAL_WAIT = 0.05;
/** When packets wait this much longer than usual, seconds, the limit falls to the minimum. */
const WAIT_SPAN = 0.3;

export class BitrateLimit {
  #before: LegReading | undefined;
  /** The recent maximum, bits per second. */
  #retransmitted = 0;
  /** The wait of the reading before, seconds. */
  #waitBefore = 0;
  #reported = 0;

  /** The new limit in bits per second; undefined if it has hardly changed. */
  next(reading: LegReading): number | undefined {
    const before = this.#before ?? reading;
    this.#before = reading;
    const free = reading.bitrate - this.#countRetransmitted(before, reading);
    const limit = Math.max(MIN_BITRATE, Math.round(free * PAYLOAD_SHARE * (1 - this.#congestion(before, reading))));
    if (Math.abs(limit - this.#reported) < this.#reported * NOTABLE) return undefined;
    this.#reported = limit;
    return limit;
  }

  #countRetransmitted(before: LegReading, { at, bitrate, retransmittedBytes }: LegReading): number {
    const seconds = (at - before.at) / 1000;
    const now = seconds > 0 ? ((retransmittedBytes - before.retransmittedBytes) * 8) / seconds : 0;
    this.#retransmitted = Math.max(now, this.#retransmitted * (1 - FORGOTTEN_SHARE));
    return Math.min(this.#retransmitted, bitrate * MAX_RETRANSMITTED_SHARE);
  }

  /** 0 to 1, from the shorter wait of the last two readings: a keyframe makes packets wait in a single one. */
  #congestion(before: LegReading, { packets, waited }: LegReading): number {
    const sent = packets - before.packets;
    const wait = sent > 0 ? (waited - before.waited) / sent : 0;
    const shorter = Math.min(wait, this.#waitBefore);
    this.#waitBefore = wait;
    return Math.min(1, Math.max(0, (shorter - USUAL_WAIT) / WAIT_SPAN));
  }
}
