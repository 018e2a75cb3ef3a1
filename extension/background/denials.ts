// Every sentence that a page's developer gets when a request is refused: what happened, and what to do about it.
import type { Site } from '../../src/protocol/control-messages';

export function notAPage(): string {
  return 'Peerport serves documents of http and https pages in tabs only.';
}

export function notAPeer(): string {
  return 'Peerport did not understand this request. Construct Peers with `new Peer()` only, and reload the page if the extension has been updated since.';
}

export function blocked(site: Site): string {
  return `The user has blocked peer-to-peer connections for ${nameOf(site)}. Only they can allow them again, in Peerport; tell them what the page needs them for.`;
}

export function dismissed(site: Site): string {
  return `The user did not answer whether ${nameOf(site)} may make peer-to-peer connections, which denies it for now. To ask again, construct another Peer, best when the user clicks on something that needs it.`;
}

export function hostFailed(cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return `Peerport could not start the host of its connections (${reason}). Construct another Peer to try again; if that does not help, the user should restart the browser.`;
}

function nameOf(site: Site): string {
  return site.isOpaque ? 'this sandboxed document' : site.origin;
}
