// Every sentence that a page's developer gets when a request is refused: what happened, and what to do about it.
import type { NamedServer, Site } from '../../src/protocol/control-messages';
import type { ServerProblem } from '../../src/protocol/peer-server';
import type { Standing } from '../../src/sites/decisions/grant';
import { MOST_ANCESTORS } from '../../src/sites/records/site-schema';

export function notAPage(): string {
  return 'Peerport serves documents of http and https pages in tabs only.';
}

/** `problem`: which option is at fault, and why. */
export function notAPeer(problem: string): string {
  return `${problem} Construct Peers with \`new Peer()\` only, and reload the page if the extension has been updated since.`;
}

export function askedAgain(): string {
  return 'This document has asked Peerport again meanwhile, and that request gets the answer.';
}

export function noServer({ message }: ServerProblem): string {
  return `This Peer names no PeerServer that Peerport can use. ${message}`;
}

export function mixedContent({ label }: NamedServer): string {
  return `The PeerServer ${label} is named without encryption, which browsers do not let an https page use (mixed content). Serve it by TLS, and construct the Peer with \`secure: true\`.`;
}

/** Why a blocked site is: for whom it is to turn to, it matters who has decided. */
export function denied(site: Site, { managed }: Pick<Standing, 'managed'>): string {
  return managed?.decision ? blockedByAdministrator(site) : blocked(site);
}

function blocked(site: Site): string {
  return `The user has blocked peer-to-peer connections for ${site.origin}. Only they can allow them again, in Peerport; tell them what the page needs them for.`;
}

export function dismissed(site: Site): string {
  return `The user did not answer whether ${site.origin} may make peer-to-peer connections, which denies it for now. To ask again, construct another Peer, best when the user clicks on something that needs it.`;
}

export function muted(site: Site): string {
  return `Peerport no longer asks the user whether ${site.origin} may make peer-to-peer connections, because they closed or blocked several such questions. They can allow them by Peerport’s button in the toolbar; ask them to, where the page needs it.`;
}

export function notYetAsked(site: Site): string {
  return `Peerport has not asked the user whether ${site.origin} may make these peer-to-peer connections: it asks only while the page’s tab is in front and, for a frame of another site, after the user has clicked or typed in it. Construct another Peer when the user clicks on something that needs it.`;
}

export function crowded(site: Site): string {
  return `Too many documents are waiting for the user’s answer whether ${site.origin} may make peer-to-peer connections. Construct another Peer once they have answered.`;
}

export function notAsked(site: Site): string {
  return `Peerport could not open the window that asks the user whether ${site.origin} may make peer-to-peer connections. Construct another Peer to try again, best when the user clicks on something that needs it.`;
}

export function nestedTooDeep(): string {
  return `Peerport does not serve documents with frames of more than ${MOST_ANCESTORS} other sites around them: the user could not tell who asks. Put the document into fewer frames.`;
}

function blockedByAdministrator(site: Site): string {
  return `An administrator has blocked peer-to-peer connections for ${site.origin} in this browser.`;
}

export function opaque(): string {
  return 'Peerport does not serve sandboxed documents: they have no origin that the user could allow. Put allow-same-origin into the sandbox attribute or the CSP sandbox directive, or construct Peers in a document that is not sandboxed.';
}

/** By the user, or by an administrator who no longer decides about the site. */
export function revoked(site: Site): string {
  return `The permission for peer-to-peer connections has been taken away from ${site.origin}. All its Peers and connections are closed. Construct another Peer to ask again, best when the user clicks on something that needs it.`;
}

export function forgotten(site: Site): string {
  return `The user has had Peerport forget what it kept for ${site.origin}, which closes all its Peers and connections. Construct another Peer to begin anew.`;
}

export function renamed(site: Site): string {
  return `The user has given ${site.origin} a new ID, which closes all its Peers and connections under the former one. Construct another Peer to begin anew.`;
}

export function hostFailed(cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return `Peerport could not start the host of its connections (${reason}). Construct another Peer to try again; if that does not help, the user should restart the browser.`;
}
