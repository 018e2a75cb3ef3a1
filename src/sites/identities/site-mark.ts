// Notices that a site's own data was cleared. When IDs of a site are first kept, its own storage (the IndexedDB of its pages)
// is marked with a random value, which goes when the browser clears what the site has stored. A document that comes without
// the mark then belongs to a site whose data was cleared, and whose IDs are to be renewed.
//
// The first documents of a site may come at the same time, before one of them has written the mark, and a document may wait
// for the user's answer after it has looked. So a mark says from when on its absence counts.
import { randomHex } from '../../protocol/identity';

export interface SiteMark {
  /** 32 hexadecimal digits. */
  value: string;
  /** A document that has looked after this moment and not found the mark shows that it was cleared. Milliseconds since the epoch. */
  countsFrom: number;
}

/** How long a mark that was given to a document may take to be in its storage: milliseconds, and more where a tab is frozen. */
export const WRITING_TIME_MS = 30_000;

export interface MarkCheck {
  /** From now on; the same object where nothing changes. */
  mark: SiteMark;
  /** The site's data was cleared since `kept` was written. */
  isCleared: boolean;
}

/**
 * `kept`: beside the IDs of the site; undefined where none is. `shown`: in the storage of a document; undefined where none is.
 * `lookedAt`: when that was found out.
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

/** Also where the moment is further away than it can be: the clock has been set back. */
function counts({ countsFrom }: SiteMark, lookedAt: number, now: number): boolean {
  return lookedAt >= countsFrom || countsFrom > now + WRITING_TIME_MS;
}

function seen(value: string, now: number): SiteMark {
  return { value, countsFrom: now };
}
