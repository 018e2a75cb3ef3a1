// The frames that a connection receives while it is parked, in order, for the next page. They stay unread until then,
// because a few bytes may unpack to thousands of objects. The owner must check `isOverfull` after each `add`.

/** Bytes parked for one connection: seconds of a fast line. The site's quota counts them too. */
export const MAX_PARKED_BYTES = 64 * 1024 * 1024;
/** Bytes counted for each frame besides its content: even an empty frame is an object in memory. */
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
    // A character takes up to two bytes in memory.
    this.#bytes += (typeof frame === 'string' ? frame.length * 2 : frame.byteLength) + FRAME_COST;
  }

  /** Removes and returns all frames, in order. */
  drain(): Frame[] {
    this.#bytes = 0;
    return this.#frames.splice(0);
  }
}
