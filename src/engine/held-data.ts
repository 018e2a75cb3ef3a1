// What a connection receives while it has no page: kept in order, within bounds, for the page that comes next.
import type { IncomingData } from './incoming-reader';

/** Bytes kept for one connection: seconds of a fast line. The origin's quota counts them too. */
export const MAX_HELD_DATA = 64 * 1024 * 1024;
/** A message is kept as an object, whatever its size: an empty one costs as much as this many bytes. */
const MESSAGE_COST = 64;

export class HeldData {
  #items: IncomingData[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isOverfull(): boolean {
    return this.#bytes > MAX_HELD_DATA;
  }

  add(incoming: IncomingData): void {
    this.#items.push(incoming);
    this.#bytes += ('text' in incoming ? incoming.text.byteLength : incoming.size) + MESSAGE_COST;
  }

  /** Takes all, in the order of arrival. */
  drain(): IncomingData[] {
    this.#bytes = 0;
    return this.#items.splice(0);
  }
}
