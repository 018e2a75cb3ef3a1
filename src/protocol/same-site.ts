// When two sites are one: the same origin, embedded in the same frames and page or in none, and both in private windows or
// neither.
import type { LiveSite } from './live-messages';

export function isSameSite(one: LiveSite, other: LiveSite): boolean {
  return (
    one.origin === other.origin &&
    one.topOrigin === other.topOrigin &&
    one.ancestors?.join(' ') === other.ancestors?.join(' ') &&
    one.isPrivate === other.isPrivate
  );
}
