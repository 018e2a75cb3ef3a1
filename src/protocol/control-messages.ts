// The control plane's contract: runtime messages between the extension's contexts. Each names its addressee, because the
// browser delivers a runtime message to every context that listens. Who may say what is checked by the addressee from
// the browser's sender record, never from the message.
import type { PeerErrorType } from './errors';
import type { CallRoute, PeerStart } from './page-messages';
import type { PeerServerAddress } from './peer-server';
import type { Limits, OwnIceServer, Policy, RelayTrial, UiReplyTo, UiRequest } from './ui-messages';

/** Who asks, as the browser reports it. */
export interface Site {
  /** Serialised origin; for an opaque one, a string that no other document has. */
  origin: string;
  /** True for an opaque origin (sandboxed): there is nothing that a decision could be kept by, so it is refused. */
  isOpaque: boolean;
  /** As in `SiteName`. The document's content script names them; the browser vouches for all other members. */
  ancestors?: string[];
  /** The origin of the tab's page, where that is another one than `origin`, or another one lies between. */
  topOrigin?: string;
  /** A private window: nothing about it is stored. */
  isPrivate: boolean;
  /** In Firefox: the container that the tab is in, where it is in one. A site has IDs of its own in each. */
  container?: string;
}

/** A document of a site, as the browser reports it. */
export interface SiteDocument {
  site: Site;
  tabId: number;
  frameId: number;
  documentId: string;
  /**
   * The mark in the site's own storage, by which it is noticed when the user clears that. Null where nothing can be stored
   * there: then no ID is kept either, because it could not be cleared. Absent where the site's IDs were not asked for.
   */
  mark?: string | null;
}

/** What a document's content script has found in the site's own storage; `unusable`: it cannot be read, or not in time. */
export type MarkReport =
  /** 32 hexadecimal digits. */
  { status: 'marked'; value: string } | { status: 'unmarked' } | { status: 'unusable' };

/** A persistent ID. The page never sees the secret; PeerServer sees only a token derived from it and its own URL. */
export interface Identity {
  id: string;
  /** 128 random bits, 32 hexadecimal digits. */
  secret: string;
}

/** What the user has set about connections to remote peers. Absent members: as page and browser choose. */
export interface ConnectionPolicy {
  /** The route of calls. */
  callRoute?: CallRoute;
  /** Servers of the user's own. The host alone is told: pages never hear of them. */
  iceServers?: OwnIceServer[];
  /** What they are to those of the page; in addition, if absent. */
  iceServersMode?: Policy['iceServersMode'];
  /** No connection shows this browser's addresses to the other end. */
  relayedOnly?: boolean;
}

/** What holds for the links of a document, until the background says otherwise. */
export interface Conditions extends ConnectionPolicy {
  /** What of the permission is there: an allowed site may have neither of the two. */
  allows: { data: boolean; calls: boolean };
  /** For all documents of the origin together. */
  limits: Limits;
  /**
   * True: when the document ends, its Peers and data connections wait for the next document of the site in the tab.
   * Absent: they end with it.
   */
  keepsLinks?: boolean;
}

/** The PeerServer that a Peer uses. */
export interface UsedServer {
  /** The server that was decided about. The host uses this one alone, whatever the page's options say. */
  server: PeerServerAddress;
  /** True: it is the user's or an administrator's own, in place of PeerJS's public one. No page learns anything of it. */
  isOwnServer: boolean;
}

/** What the background lets a Peer have. The host takes the first ID that is not alive, or makes one. */
export interface Admission extends Conditions, UsedServer {
  /** Best first. */
  identities: Identity[];
}

/** A document that the host serves, as far as a decision about it needs. */
export interface ServedDocument {
  document: SiteDocument;
  /** Those that its Peers are admitted to. */
  servers: PeerServerAddress[];
  peerIds: string[];
}

/** What holds for a document from now on: its Peers end, and the page is told why, or they go on under these conditions. */
export type Verdict = { documentId: string } & ({ revoked: string } | { conditions: Conditions });

export interface Denial {
  status: 'denied';
  message: string;
  /** Of the error that the page gets. Absent: `permission-denied`. */
  errorType?: PeerErrorType;
}

export type AdmitReply = { status: 'admitted'; admission: Admission } | Denial;

/**
 * Replies to the content script. `mark`: to be written into the site's own storage. `not-yet`: the user would have to be
 * asked, and may not be before they have acted in the document, or its tab is shown. The content script waits for that, and
 * attaches again.
 */
export type AttachReply =
  | { status: 'admitted'; ticket: string; mark?: string }
  | Denial
  | { status: 'failed'; message: string }
  | { status: 'not-yet' };

/** The person's answer to a prompt. `dismiss`: closed without an answer. */
export type ConsentAnswer = 'always' | 'once' | 'block' | 'dismiss';

/** A PeerServer as the user is told of it: the host as the browser will read it, not as the page spelled it. */
export interface NamedServer {
  /** What decisions are kept by: scheme, host and port, such as `wss://10.0.0.5` or `ws://localhost:9000`. */
  origin: string;
  /** To be shown alone: host, and the port where it is not the scheme's own. Of a long name, the end. */
  label: string;
  /** On this machine or in its local network. */
  isPrivate: boolean;
  /** False: whoever is between this browser and the server can read and change what is signalled. */
  isEncrypted: boolean;
}

/** What a prompt has to say. */
export interface PromptDescription {
  site: Site;
  server: NamedServer;
}

/** The same, and what can be chosen with the answer. */
export interface PromptContent extends PromptDescription {
  keepId: IdChoice;
}

/** Whether IDs are kept for a site, to be chosen with the answer. */
export interface IdChoice {
  /** As it is so far. */
  isOn: boolean;
  /** An administrator has set it. */
  isManaged: boolean;
}

/** How many connections the documents of a tab have, of data and of media. */
export interface TabConnections {
  tabId: number;
  count: number;
}

export type BackgroundRequest =
  /**
   * Content script: attach this document; `start` is what the page claims to want first. The last two are what the browser's
   * sender record does not have: `ancestors`, the list of the document's `location.ancestorOrigins`; `hasUserActed`, true where
   * the user has ever clicked or typed in the document or a frame inside it (`navigator.userActivation`).
   */
  | { to: 'background'; type: 'attach'; start: unknown; mark: MarkReport; ancestors: unknown; hasUserActed: unknown }
  /** Host: may this document have another Peer, and under which IDs? */
  | { to: 'background'; type: 'admit'; document: SiteDocument; start: PeerStart }
  /** Host: the document's Peer took this ID (which may be new). */
  | { to: 'background'; type: 'identity.leased'; document: SiteDocument; identity: Identity; named: boolean }
  /** Host: nothing has been attached for a minute. */
  | { to: 'background'; type: 'host.idle' }
  /** Host: how many connections these tabs have now. */
  | { to: 'background'; type: 'host.connections'; tabs: TabConnections[] }
  /** Host: the document is gone, and its links wait for the site's next one in the tab. Say when none can come. */
  | { to: 'background'; type: 'host.waiting'; document: SiteDocument }
  /** Prompt window. */
  | { to: 'background'; type: 'prompt.describe'; promptId: string }
  /** `keepId`: what the user has chosen with an answer that allows the site. It holds for the site, however long it is allowed. */
  | { to: 'background'; type: 'prompt.answer'; promptId: string; answer: ConsentAnswer; keepId?: boolean }
  | UiRequest;

export type HostRequest =
  /** Background: a port with this ticket will come for `document`; start its first Peer at once. */
  | { to: 'host'; type: 'expect'; ticket: string; document: SiteDocument; start: PeerStart; admission: Admission }
  /** Background: which documents are there? */
  | { to: 'host'; type: 'documents' }
  /** Background: the user or an administrator has changed something. */
  | { to: 'host'; type: 'enforce'; verdicts: Verdict[] }
  /** Background: does this server relay? */
  | { to: 'host'; type: 'testRelay'; server: OwnIceServer }
  /** Background: the tab shows another site than it did, or is closed. */
  | { to: 'host'; type: 'leaveTab'; tabId: number }
  /** Background: may the host be closed? */
  | { to: 'host'; type: 'release' };

/**
 * Background to the content scripts of attaching and attached documents.
 *  - `hasUserActed`, to one document: has the user acted in it? The reply is a boolean.
 *  - `decided`, to all of a tab: something was decided; who waits because of `not-yet` attaches again. No reply.
 */
export interface DocumentMessage {
  to: 'document';
  type: 'hasUserActed' | 'decided';
}

export interface ReplyTo extends UiReplyTo {
  attach: AttachReply;
  admit: AdmitReply;
  'identity.leased': true;
  'host.idle': true;
  'host.connections': true;
  'host.waiting': true;
  'prompt.describe': PromptContent | null;
  'prompt.answer': boolean;
  expect: true;
  testRelay: RelayTrial;
  documents: ServedDocument[];
  enforce: true;
  leaveTab: true;
  release: { isIdle: boolean };
}

export type ControlRequest = BackgroundRequest | HostRequest;
export type Reply<Request extends ControlRequest> = ReplyTo[Request['type']];

/**
 * Name of the runtime port that a content script opens to the host for its document; the first message is the ticket. It
 * carries the data plane until that has moved to a MessagePort, and tells either end when the other is gone.
 */
export const DOCUMENT_PORT = 'document';

/** Content script to bridge frame, with the port; the bridge passes both on to the host. */
export interface BridgeDelivery {
  ticket: string;
}
