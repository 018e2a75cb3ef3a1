// Detects that the user has cleared a site's data. When a site's IDs are first kept, a random mark is written to the
// site's own storage (the IndexedDB of its pages), where the browser clears it together with the site's data. If a
// document then comes without the mark, the data was cleared and the IDs have to be renewed.
//
// Several documents may look before the first one has written the mark, and a document may wait for the user's answer
// after it has looked. So a mark has a moment before which its absence does not count.
import { randomHex } from '../../protocol/identity';

export interface SiteMark {
  /** 32 hexadecimal digits. */
  value: string;
  /** Milliseconds since the epoch. If a document looks after this moment and finds no mark, the data was cleared. */
  countsFrom: number;
}

/** How long a document may take to write its mark: usually milliseconds, more in a frozen tab. */
export const WRITING_TIME_MS = 30_000;

export interface MarkCheck {
  /** The mark to store; the same object as `kept` if nothing changes. */
  mark: SiteMark;
  /** The site's data was cleared after `kept` was written. */
  isCleared: boolean;
}

/**
 * `kept`: the mark stored with the site's IDs, if there is one. `shown`: the mark found in a document's storage, if
 * there is one. `lookedAt`: when the document looked.
 */
export function checkMark(
  kept: SiteMark | undefined,
  shown: string | undefined,
  lookedAt: number,
  now: number,
): MarkCheck {
  if (kept && kept.value === shown) return { mark: kept.countsFrom > now ? seen(shown, now) : kept, isCleared: false };
  if (kept && !counts(kept, lookedAt, now))
    return { mark: shown === undefined ? kept : seen(shown, now), isCleared: false };
  const mark = shown === undefined ? { value: randomHex(), countsFrom: now + WRITING_TIME_MS } : seen(shown, now);
  return { mark, isCleared: kept !== undefined };
}

/**
 * Whether the mark's absence counts. True also for an impossibly late `countsFrom`, which a clock set back has left.
 */
function counts({ countsFrom }: SiteMark, lookedAt: number, now: number): boolean {
  return lookedAt >= countsFrom || countsFrom > now + WRITING_TIME_MS;
}

function seen(value: string, now: number): SiteMark {
  return { value, countsFrom: now };
}
