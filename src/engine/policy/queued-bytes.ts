// The bytes that one object keeps in memory for a site. Setting `bytes` updates the site's quota; the owner must set it
// to 0 in the end.
import type { Quota } from './quotas';

export class QueuedBytes {
  readonly #quota: Pick<Quota, 'queuedBytes' | 'queuedBytesRefusal'>;
  #bytes = 0;

  constructor(quota: Pick<Quota, 'queuedBytes' | 'queuedBytesRefusal'>) {
    this.#quota = quota;
  }

  get bytes(): number {
    return this.#bytes;
  }

  set bytes(bytes: number) {
    this.#quota.queuedBytes += bytes - this.#bytes;
    this.#bytes = bytes;
  }

  /** A sentence for the page's developer if the site may not hold `more` bytes; undefined: it may. */
  refusal(more = 0): string | undefined {
    return this.#quota.queuedBytesRefusal(more);
  }
}

/** Approximate bytes of a message in memory: two for each character of its JSON. Infinity if it has no JSON. */
export function bytesOf(message: unknown): number {
  try {
    return ((JSON.stringify(message) as string | undefined) ?? '').length * 2;
  } catch {
    return Infinity;
  }
}
