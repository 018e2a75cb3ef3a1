// The browser's rule for secure pages (W3C Mixed Content): no unencrypted socket to a server on the internet. Browsers
// do not apply it to the extension's sockets, so Peerport does.
import type { NamedServer } from '../../protocol/control-messages';
import type { SiteName } from '../../protocol/ui-messages';

/**
 * Whether the rule forbids the site's pages this server. Servers in the local network are exempt, because they hardly
 * ever have a certificate, and a prompt names them.
 */
export function isMixedContent({ origin, topOrigin }: SiteName, { isPrivate, isEncrypted }: NamedServer): boolean {
  return !isEncrypted && !isPrivate && (isSecure(origin) || (topOrigin !== undefined && isSecure(topOrigin)));
}

function isSecure(origin: string): boolean {
  return origin.startsWith('https:');
}
