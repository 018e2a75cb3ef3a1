// Every message that a page's developer gets when a request is refused: the reason, and what to do about it.
import type { NamedServer, Site } from '../../src/protocol/control-messages';
import type { ServerProblem } from '../../src/protocol/peer-server';
import type { Standing } from '../../src/sites/decisions/grant';
import { MAX_ANCESTORS } from '../../src/sites/records/site-schema';

export function notAPage(): string {
  return 'Peerport serves only documents of http and https pages in tabs.';
}

/** `problem`: names the invalid option and the reason. */
export function notAPeer(problem: string): string {
  return `${problem} Construct Peers only with \`new Peer()\`, and reload the page if the extension was updated after it loaded.`;
}

export function askedAgain(): string {
  return 'A newer request of this document has replaced this one and gets the answer.';
}

export function noServer({ message }: ServerProblem): string {
  return `This Peer names no PeerServer that Peerport can use. ${message}`;
}

export function mixedContent({ label }: NamedServer): string {
  return `The PeerServer ${label} is unencrypted, and browsers do not let an https page use an unencrypted server (mixed content). Serve it over TLS, and construct the Peer with \`secure: true\`.`;
}

/** Explains a block. Names who decided, so that the developer knows whom to ask. */
export function denied(site: Site, { managed }: Pick<Standing, 'managed'>): string {
  return managed?.decision ? blockedByAdministrator(site) : blocked(site);
}

function blocked(site: Site): string {
  return `The user has blocked peer-to-peer connections for ${site.origin}. Only the user can allow them again, in Peerport. Tell the user why the page needs them.`;
}

export function dismissed(site: Site): string {
  return `The user has not answered whether ${site.origin} may make peer-to-peer connections, so the request is denied for now. To ask again, construct another Peer, ideally when the user clicks something that needs it.`;
}

export function muted(site: Site): string {
  return `Peerport no longer asks the user whether ${site.origin} may make peer-to-peer connections, because the user closed several such questions or answered them with “Block”. The user can still allow connections with Peerport’s toolbar button. Ask them to if the page needs it.`;
}

export function notYetAsked(site: Site): string {
  return `Peerport has not asked the user yet whether ${site.origin} may make these peer-to-peer connections. It asks only while the page’s tab is in front and, for a frame of another site, after the user has clicked or typed in it. Construct another Peer when the user clicks something that needs it.`;
}

export function crowded(site: Site): string {
  return `Too many documents wait for the user to answer whether ${site.origin} may make peer-to-peer connections. Construct another Peer once the user has answered.`;
}

export function notAsked(site: Site): string {
  return `Peerport could not open the window that asks the user whether ${site.origin} may make peer-to-peer connections. To try again, construct another Peer, ideally when the user clicks something that needs it.`;
}

export function nestedTooDeep(): string {
  return `Peerport does not serve a document nested in frames of more than ${MAX_ANCESTORS} other sites: the user could not tell which site asks. Nest the document less deeply.`;
}

function blockedByAdministrator(site: Site): string {
  return `An administrator has blocked peer-to-peer connections for ${site.origin} in this browser.`;
}

export function opaque(): string {
  return 'Peerport does not serve sandboxed documents: they have no origin that the user could allow. Add allow-same-origin to the sandbox attribute or the CSP sandbox directive, or construct Peers in a document that is not sandboxed.';
}

/** The user has withdrawn the permission, or an administrator has stopped granting it. */
export function revoked(site: Site): string {
  return `The permission of ${site.origin} for peer-to-peer connections has been withdrawn. All its Peers and connections are closed. To ask again, construct another Peer, ideally when the user clicks something that needs it.`;
}

export function forgotten(site: Site): string {
  return `The user has deleted Peerport’s data about ${site.origin}. All its Peers and connections are closed. Construct another Peer to start over.`;
}

export function renamed(site: Site): string {
  return `The user has replaced the ID of ${site.origin} with a new one. All Peers and connections under the old ID are closed. Construct another Peer to start over.`;
}

export function hostFailed(cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return `Peerport could not start the host of its connections (${reason}). Construct another Peer to try again. If the error persists, the user should restart the browser.`;
}
