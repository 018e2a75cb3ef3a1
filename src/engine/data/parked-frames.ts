// What a connection receives while it has no page: its frames as they came, in order and within bounds, for the page that
// comes next. What they hold is read only then: a few bytes may be thousands of objects.

/** Bytes kept for one connection: seconds of a fast line. The origin's quota counts them too. */
export const MAX_PARKED_BYTES = 64 * 1024 * 1024;
/** A frame is kept as an object, whatever its size: an empty one costs as much as this many bytes. */
const FRAME_COST = 64;

export type Frame = string | ArrayBuffer;

export class ParkedFrames {
  #frames: Frame[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isOverfull(): boolean {
    return this.#bytes > MAX_PARKED_BYTES;
  }

  add(frame: Frame): void {
    this.#frames.push(frame);
    // A character is kept in two bytes at most.
    this.#bytes += (typeof frame === 'string' ? frame.length * 2 : frame.byteLength) + FRAME_COST;
  }

  /** Takes all, in the order of arrival. */
  drain(): Frame[] {
    this.#bytes = 0;
    return this.#frames.splice(0);
  }
}
