// What one holder keeps in memory for a site, as the site's quota counts it.
import type { Quota } from './quotas';

export class HeldBytes {
  readonly #quota: Pick<Quota, 'heldBytes' | 'heldRefusal'>;
  #bytes = 0;

  constructor(quota: Pick<Quota, 'heldBytes' | 'heldRefusal'>) {
    this.#quota = quota;
  }

  get bytes(): number {
    return this.#bytes;
  }

  set bytes(bytes: number) {
    this.#quota.heldBytes += bytes - this.#bytes;
    this.#bytes = bytes;
  }

  /** Why the site may not have so many more wait, in a sentence for the page's developer; undefined: it may. */
  refusal(more = 0): string | undefined {
    return this.#quota.heldRefusal(more);
  }
}

/** Bytes of a message as the host keeps it, about: two for each character of its JSON. Infinity where there is no JSON. */
export function bytesOf(message: unknown): number {
  try {
    return ((JSON.stringify(message) as string | undefined) ?? '').length * 2;
  } catch {
    return Infinity;
  }
}
