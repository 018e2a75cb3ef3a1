// What browsers keep secure pages from (W3C Mixed Content): a socket without encryption to a server on the internet. The
// extension's own sockets are not bound by it, so it is held to here.
import type { NamedServer } from '../../protocol/control-messages';
import type { SiteName } from '../../protocol/ui-messages';

/**
 * Whether a page of the site may not use the server. One in the local network, which hardly ever has a certificate, it may:
 * a prompt names it.
 */
export function isMixedContent({ origin, topOrigin }: SiteName, { isPrivate, isEncrypted }: NamedServer): boolean {
  return !isEncrypted && !isPrivate && (isSecure(origin) || (topOrigin !== undefined && isSecure(topOrigin)));
}

function isSecure(origin: string): boolean {
  return origin.startsWith('https:');
}
