// Whether two sites are the same: same origin, same embedding frames and page, and both in private windows or both not.
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

/** Map key for a site. Private windows and containers have separate keys, like a site's IDs. */
export function siteKey({ origin, ancestors, topOrigin, isPrivate, container }: Site): string {
  return JSON.stringify([origin, ancestors, topOrigin, isPrivate, container]);
}

/** Map key for an origin, whatever page embeds it. Private windows and containers have separate keys. */
export function originKey({ origin, isPrivate, container }: Site): string {
  return JSON.stringify([origin, isPrivate, container]);
}
