// How much the page's encoder may send over the remote leg of its call. An encoder of that leg itself would be told by the
// browser: less than the estimated bandwidth where packets are sent again, and hardly anything while others still wait.

/** From the remote leg's statistics; the last three count from its beginning. */
export interface LegReading {
  /** Milliseconds. */
  at: number;
  /** The bandwidth that the section may have, bits a second, its packets' headers included. */
  bitrate: number;
  retransmittedBytes: number;
  packets: number;
  /** Seconds that those packets have waited to be sent, together. */
  waited: number;
}

/** Below this no encoder makes a picture, bits a second. */
const MIN_BITRATE = 50_000;
/** A limit that changes by less than this part is not worth a message. */
const NOTABLE = 0.05;
/** What encoded frames are of the packets that carry them, where packets are small. */
const PAYLOAD_SHARE = 0.95;
/** As in libwebrtc, where retransmissions take no more than this from the encoder. */
const MAX_RETRANSMITTED_SHARE = 0.5;
/** Of what was sent again, the part that is forgotten with each reading: a burst counts at once, and for about a second. */
const FORGOTTEN_SHARE = 0.2;
/** Packets of a large frame wait this long without anything being wrong, seconds. */
const USUAL_WAIT = 0.05;
/** Where packets wait this much longer than usual, seconds, nothing but what has to be is added to them. */
const WAIT_SPAN = 0.3;

export class BitrateLimit {
  #before: LegReading | undefined;
  /** Bits a second, the worst of late. */
  #retransmitted = 0;
  /** Seconds. */
  #waitBefore = 0;
  #told = 0;

  /** In bits a second; undefined where it has hardly changed. */
  next(reading: LegReading): number | undefined {
    const before = this.#before ?? reading;
    this.#before = reading;
    const free = reading.bitrate - this.#countRetransmitted(before, reading);
    const limit = Math.max(MIN_BITRATE, Math.round(free * PAYLOAD_SHARE * (1 - this.#congestion(before, reading))));
    if (Math.abs(limit - this.#told) < this.#told * NOTABLE) return undefined;
    this.#told = limit;
    return limit;
  }

  #countRetransmitted(before: LegReading, { at, bitrate, retransmittedBytes }: LegReading): number {
    const seconds = (at - before.at) / 1000;
    const now = seconds > 0 ? ((retransmittedBytes - before.retransmittedBytes) * 8) / seconds : 0;
    this.#retransmitted = Math.max(now, this.#retransmitted * (1 - FORGOTTEN_SHARE));
    return Math.min(this.#retransmitted, bitrate * MAX_RETRANSMITTED_SHARE);
  }

  /** 0 to 1, by how long packets have waited in the last two readings: in a single one, it was a keyframe that waited. */
  #congestion(before: LegReading, { packets, waited }: LegReading): number {
    const sent = packets - before.packets;
    const wait = sent > 0 ? (waited - before.waited) / sent : 0;
    const shorter = Math.min(wait, this.#waitBefore);
    this.#waitBefore = wait;
    return Math.min(1, Math.max(0, (shorter - USUAL_WAIT) / WAIT_SPAN));
  }
}
