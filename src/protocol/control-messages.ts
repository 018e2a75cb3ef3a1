// The control plane's contract: runtime messages between the extension's contexts. Each message names its addressee,
// because the browser delivers a runtime message to every context that listens. The addressee checks whether the sender
// may send it, by the browser's sender record and never by the message.
import type { HostDiagnostics } from './diagnostics';
import type { PeerErrorType } from './errors';
import type { CallRoute, PeerStart } from './page-messages';
import type { PeerServerAddress } from './peer-server';
import type { PermissionName } from './site-settings';
import type { Limits, OwnIceServer, Policy, RelayTestResult, UiReplyTo, UiRequest } from './ui-messages';

/** The site that asks, as the browser reports it. */
export interface Site {
  /** Serialized origin; for an opaque origin, a string unique to the document. */
  origin: string;
  /** True for an opaque origin (a sandboxed document). Such a site is refused: no decision could be stored for it. */
  isOpaque: boolean;
  /** As in `SiteName`. The document's content script reports them; all other members come from the browser. */
  ancestors?: string[];
  /** The origin of the tab's page. Absent if it equals `origin` and no other origin lies between. */
  topOrigin?: string;
  /** True in a private window: nothing about the site is stored. */
  isPrivate: boolean;
  /** Firefox: the tab's container, if it is in one. A site has separate IDs in each container. */
  container?: string;
}

/** A document of a site, as the browser reports it. */
export interface SiteDocument {
  site: Site;
  tabId: number;
  frameId: number;
  documentId: string;
  /**
   * The mark in the site's own storage; its absence shows that the user cleared the site's data. Null if nothing can be
   * stored there: no ID is saved then, because the user could not clear it. Absent if nobody asked for the site's IDs.
   */
  mark?: string | null;
}

/** The mark that a content script found in the site's own storage. `unusable`: reading failed or took too long. */
export type MarkReport =
  /** 32 hexadecimal digits. */
  { status: 'marked'; value: string } | { status: 'unmarked' } | { status: 'unusable' };

/** A persistent ID. The page never sees the secret; PeerServer sees only a token derived from it and its own URL. */
export interface Identity {
  id: string;
  /** 128 random bits, 32 hexadecimal digits. */
  secret: string;
}

/** The user's settings for connections to remote peers. Absent members: the page and the browser choose. */
export interface ConnectionPolicy {
  callRoute?: CallRoute;
  /** The user's own servers. Only the host learns of them, pages never do. */
  iceServers?: OwnIceServer[];
  /** Whether these servers are added to the page's or replace them. Default: added. */
  iceServersMode?: Policy['iceServersMode'];
  /** No connection shows this browser's addresses to the other end. */
  relayedOnly?: boolean;
}

/** The conditions for a document's connections, until the background sends others. */
export interface Conditions extends ConnectionPolicy {
  /** Which kinds of connection the site may open. All can be off. */
  allows: Record<PermissionName, boolean>;
  /** For all documents of the origin together. */
  limits: Limits;
  /**
   * True: when the document ends, its Peers and data connections are parked for the site's next document in the tab.
   * Absent: they end with the document.
   */
  keepsConnections?: boolean;
}

/** The PeerServer that a Peer uses. */
export interface UsedServer {
  /** The server that the decision is about. The host uses only this server, whatever the page's options name. */
  server: PeerServerAddress;
  /** True: the user's or an administrator's own server replaces PeerJS's public one. No page learns its address. */
  isOwnServer: boolean;
}

/** What the background lets a Peer have. The host takes the first ID that is not in use, or makes a new ID. */
export interface Admission extends Conditions, UsedServer {
  /** Best first. */
  identities: Identity[];
}

/** The facts about a document in the host that a decision needs. */
export interface ServedDocument {
  document: SiteDocument;
  /** The servers that its Peers are admitted to. */
  servers: PeerServerAddress[];
  peerIds: string[];
}

/** A review's result for a document. `revoked`: its Peers end with this message. `conditions`: they go on under these. */
export type Verdict = { documentId: string } & ({ revoked: string } | { conditions: Conditions });

export interface Denial {
  status: 'denied';
  message: string;
  /** The type of the page's error. Absent: `permission-denied`. */
  errorType?: PeerErrorType;
}

export type AdmitReply = { status: 'admitted'; admission: Admission } | Denial;

/**
 * Replies to the content script. `mark`: the content script writes it into the site's own storage. `not-yet`: the
 * background may not ask the user before they act in the document or its tab is shown. The content script waits for
 * either, then attaches again.
 */
export type AttachReply =
  | { status: 'admitted'; ticket: string; mark?: string }
  | Denial
  | { status: 'failed'; message: string }
  | { status: 'not-yet' };

/** The user's answer to a prompt. `dismiss`: closed without an answer. */
export type ConsentAnswer = 'always' | 'once' | 'block' | 'dismiss';

/** A PeerServer as the user sees it: the host as the browser parses it, not as the page spelled it. */
export interface NamedServer {
  /** The key of decisions: scheme, host and port, such as `wss://10.0.0.5` or `ws://localhost:9000`. */
  origin: string;
  /** The host, and the port unless it is the scheme's default. Shows only the end of a long name. */
  label: string;
  /** True: on this machine or in its local network. */
  isPrivate: boolean;
  /** False: anyone between this browser and the server can read and change the signalling. */
  isEncrypted: boolean;
}

/** The site and the server that a prompt names. */
export interface PromptDescription {
  site: Site;
  server: NamedServer;
}

/** A prompt's content: the description and the choices that go with the answer. */
export interface PromptContent extends PromptDescription {
  keepId: IdChoice;
}

/** The prompt's choice whether the site's IDs are saved. */
export interface IdChoice {
  /** The current setting. */
  isOn: boolean;
  /** True: an administrator has set it, and the user cannot change it. */
  isManaged: boolean;
}

/** The number of data connections and calls in all documents of a tab. */
export interface TabConnections {
  tabId: number;
  count: number;
}

export type BackgroundRequest =
  /**
   * Content script: attach this document. `start`: the page's first `peer.start`, unchecked. The browser's sender record
   * lacks the last two. `ancestors`: the document's `location.ancestorOrigins`. `hasUserActed`: true if the user has ever
   * clicked or typed in the document or in a frame inside it (`navigator.userActivation`).
   */
  | { to: 'background'; type: 'attach'; start: unknown; mark: MarkReport; ancestors: unknown; hasUserActed: unknown }
  /** Host: may this document have another Peer, and under which IDs? */
  | { to: 'background'; type: 'admit'; document: SiteDocument; start: PeerStart }
  /** Host: the document's Peer took this ID (which may be new). */
  | { to: 'background'; type: 'identity.leased'; document: SiteDocument; identity: Identity; named: boolean }
  /** Host: nothing has been attached for a minute. */
  | { to: 'background'; type: 'host.idle' }
  /** Host: the current number of connections in these tabs. */
  | { to: 'background'; type: 'host.connections'; tabs: TabConnections[] }
  /**
   * Host: the document is gone, and its connections are parked for the site's next document in the tab. The background
   * sends `leaveTab` when no such document can come.
   */
  | { to: 'background'; type: 'host.parked'; document: SiteDocument }
  /** Prompt window: what does this prompt show? */
  | { to: 'background'; type: 'prompt.describe'; promptId: string }
  /** Prompt window: the user's answer. `keepId`: their choice about IDs, which outlives a permission given only once. */
  | { to: 'background'; type: 'prompt.answer'; promptId: string; answer: ConsentAnswer; keepId?: boolean }
  | UiRequest;

export type HostRequest =
  /** Background: a port with this ticket will come for `document`; start its first Peer at once. */
  | { to: 'host'; type: 'expect'; ticket: string; document: SiteDocument; start: PeerStart; admission: Admission }
  /** Background: which documents does the host serve? */
  | { to: 'host'; type: 'documents' }
  /** Background: the user or an administrator has changed something. */
  | { to: 'host'; type: 'enforce'; verdicts: Verdict[] }
  /** Background: does this server relay? */
  | { to: 'host'; type: 'testRelay'; server: OwnIceServer }
  /** Background: the tab shows a different site now, or is closed. */
  | { to: 'host'; type: 'leaveTab'; tabId: number }
  /** Background: may the host be closed? */
  | { to: 'host'; type: 'release' }
  /** Background: what has the host logged, and how much does it carry? */
  | { to: 'host'; type: 'diagnostics' };

/**
 * Background to the content scripts of attaching and attached documents.
 *  - `hasUserActed`, to one document: has the user acted in it? The reply is a boolean.
 *  - `decided`, to all documents of a tab: a decision was made, so documents that got `not-yet` attach again. No reply.
 */
export interface DocumentMessage {
  to: 'document';
  type: 'hasUserActed' | 'decided';
}

/** No reply is null or undefined: the sender gets these where no context answers. */
export interface ReplyTo extends UiReplyTo {
  attach: AttachReply;
  admit: AdmitReply;
  'identity.leased': true;
  'host.idle': true;
  'host.connections': true;
  'host.parked': true;
  /** Without `content`, the prompt is no longer needed. */
  'prompt.describe': { content?: PromptContent };
  'prompt.answer': boolean;
  expect: true;
  testRelay: RelayTestResult;
  documents: ServedDocument[];
  enforce: true;
  leaveTab: true;
  release: { isIdle: boolean };
  diagnostics: HostDiagnostics;
}

export type ControlRequest = BackgroundRequest | HostRequest;
export type Reply<Request extends ControlRequest> = ReplyTo[Request['type']];

/**
 * Name of the runtime port that a content script opens to the host for its document; its first message is the ticket.
 * The port carries the data plane until the host moves to a MessagePort. Each end learns from it when the other is gone.
 */
export const DOCUMENT_PORT = 'document';

/** Content script to bridge frame, with a port. The bridge passes the ticket and the port on to the host. */
export interface BridgeDelivery {
  ticket: string;
}
