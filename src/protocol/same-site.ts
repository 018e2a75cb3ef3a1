// When two sites are one: the same origin, embedded in the same frames and page or in none, and both in private windows or
// neither.
import type { Site } from './control-messages';
import type { LiveSite } from './live-messages';

export function isSameSite(one: LiveSite, other: LiveSite): boolean {
  return (
    one.origin === other.origin &&
    one.topOrigin === other.topOrigin &&
    one.ancestors?.join(' ') === other.ancestors?.join(' ') &&
    one.isPrivate === other.isPrivate
  );
}

/** For maps of what each site has of its own, as the books of IDs have it: for private windows and containers apart. */
export function siteKey({ origin, ancestors, topOrigin, isPrivate, container }: Site): string {
  return JSON.stringify([origin, ancestors, topOrigin, isPrivate, container]);
}

/** For maps of what an origin has in all pages that embed it and in its own. Private windows and containers are apart. */
export function originKey({ origin, isPrivate, container }: Site): string {
  return JSON.stringify([origin, isPrivate, container]);
}
