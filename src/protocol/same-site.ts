// When two sites are one: the same origin, embedded in the same page or in none, and both in private windows or neither.
import type { Site } from './control-messages';
import type { LiveSite } from './live-messages';

export function isSameSite(one: LiveSite, other: LiveSite): boolean {
  return one.origin === other.origin && one.topOrigin === other.topOrigin && one.isPrivate === other.isPrivate;
}

/**
 * For maps of what each site has of its own: for private windows apart, and in Firefox for each container. The key follows
 * the key of the books, which keep IDs for each origin, embedded or not: a site and its embedded copy are given the same ID
 * and the same token, and a PeerServer would take the second's socket for the first's that comes back.
 */
export function siteKey({ origin, isPrivate, container }: Site): string {
  return JSON.stringify([origin, isPrivate, container]);
}
