// What the extension's own pages (panel, settings, welcome) ask of the background, and what they are told. The background
// checks by the browser's sender record that such a page asks; no web page and no content script may.
import type { CallRoute } from './page-messages';
import type { PeerServerAddress } from './peer-server';

/** What the user can decide for a site, or for all that they have not decided about. */
export type SiteDecision = 'ask' | 'allow' | 'block';

/** A site as decisions are kept: an origin of its own, or one embedded in the pages of another. */
export interface SiteName {
  origin: string;
  /**
   * The origins of the frames between the document and the tab's page that are neither its own nor the page's, from the
   * inside out; `null` stands for one without a web address. Absent where there are none.
   */
  ancestors?: string[];
  /** The origin of the page around it. Absent where that is the site's own, and no other origin lies between. */
  topOrigin?: string;
}

/** What the user has set for an origin beside the decision. Absent: as the policy says, or as page and browser choose. */
export interface SiteSettings {
  callRoute?: CallRoute;
  /** True: no connection of the site shows this browser's addresses to the other end; all go over a relay (TURN). */
  relayedOnly?: boolean;
  /** True: the site's IDs are kept, so that others, and the site, find this browser again by them. False: none is kept. */
  keepId?: boolean;
  /** False: no data connections, though the site is allowed. */
  data?: boolean;
  /** False: no calls, though the site is allowed. */
  calls?: boolean;
  /** True: data connections outlive a reload of the page. Without a kept ID none do: the next page is nobody they know. */
  keepLinks?: boolean;
}

/** An ID that is kept for a site. */
interface KeptIdentity {
  id: string;
  /** The page named it; the others are the site's own. */
  isNamed: boolean;
}

/** One line of the sites table. */
export interface SiteRow extends SiteName {
  /** What holds, be it decided about the site or not. */
  decision: SiteDecision;
  /** Milliseconds since the epoch; absent where nothing was decided, and the default holds. */
  decidedAt?: number;
  /** Origins (`wss://host:port`) of PeerServers in the local network that the user has allowed the site. */
  privateServers: string[];
  settings: SiteSettings;
  /** What holds by its settings and the policy: IDs are kept for it. */
  keepsId: boolean;
  identities: KeptIdentity[];
  /** An administrator has decided; the user cannot. */
  isManaged: boolean;
  /** Those of `settings` that an administrator has set, whoever decides about the site. */
  managedSettings: (keyof SiteSettings)[];
  /** The site is embedded, and its origin itself is blocked, which holds in all pages: only that can be changed. */
  isBlockedEverywhere?: boolean;
}

/** A site of one tab, for the panel. */
export interface TabSite extends SiteRow {
  isPrivate: boolean;
  /** What holds by its settings and the policy: its data connections outlive a reload. */
  keepsLinks: boolean;
  /** Allowed until the tab leaves the page's origin. */
  isAllowedForTab: boolean;
  /** Prompts about it that were closed or answered with "Block" in this browser session. */
  dismissals: number;
  /** Nothing is asked about it any more, because of such prompts, until the user acts. */
  isMuted: boolean;
  /** A prompt about it waits for an answer. */
  isWaiting: boolean;
}

/** A STUN or TURN server of the user's own. Credentials never reach a page. */
export interface OwnIceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** The PeerServer of Peers whose page names none. */
export type OwnPeerServer = PeerServerAddress;

/** Bounds for each origin. */
export interface Limits {
  /** Peers at once, in all tabs. */
  peers: number;
  /** Data connections and calls at once, in all tabs. */
  connections: number;
  /** Bytes that wait in the host for the network or for the page. */
  heldBytes: number;
}

/** What holds where a site has no setting of its own. */
export interface Policy {
  defaultDecision: SiteDecision;
  peerServer?: OwnPeerServer;
  iceServers: OwnIceServer[];
  /** `add`: to those of the page; `replace`: in place of them. */
  iceServersMode: 'add' | 'replace';
  relayedOnly: boolean;
  keepLinks: boolean;
  /** The default differs by browser: Firefox's rules for add-ons leave it to the user. */
  keepId: boolean;
  limits: Limits;
}

/** The policy, and which of its members an administrator has set for good. */
export interface PolicyView {
  policy: Policy;
  managed: (keyof Policy)[];
}

/** What was asked or decided, newest first in lists. */
export type LogEntry = SiteLogEntry | ImportLogEntry;

/** About one site. */
export interface SiteLogEntry extends SiteName {
  /** Milliseconds since the epoch. */
  at: number;
  what:
    | 'asked'
    | 'allowed'
    | 'allowed-for-tab'
    | 'blocked'
    | 'dismissed'
    | 'muted'
    | 'changed'
    | 'forgotten'
    /** The site's own data was cleared in the browser, so its IDs are new ones from now on. */
    | 'renewed';
  /** PeerServer that a prompt named. */
  server?: string;
}

/** A file was imported, which may be about many sites and about what holds for all. */
interface ImportLogEntry {
  /** Milliseconds since the epoch. */
  at: number;
  what: 'imported';
}

/** What an import would change. The user is shown it, and asked, before anything is changed. */
export interface ImportSummary {
  /** How many sites the file changes anything about. */
  changedSites: number;
  /** What the file loosens, brings or replaces; empty where it does nothing of the kind. */
  notes: ImportNote[];
}

export interface ImportNote {
  what: ImportChange;
  /** Empty where the change is about no site or address in particular. */
  items: ImportItem[];
}

/** A site, an address, or a site with more about it: labels of servers, or how many IDs. */
export interface ImportItem {
  site?: SiteName;
  text?: string;
}

export type ImportChange =
  /** The default decision becomes looser. */
  | 'allows-by-default'
  | 'asks-by-default'
  /** Peers whose page names no PeerServer use this one, or PeerJS's public one in place of the user's. */
  | 'peer-server'
  | 'public-peer-server'
  /** STUN and TURN servers that are new here; that only the user's own are used, or those of pages as well. */
  | 'ice-servers'
  | 'ice-servers-only'
  | 'page-ice-servers'
  /** “Relayed only” is switched off. */
  | 'addresses-shown'
  | 'ids-kept'
  | 'connections-kept'
  | 'limits-raised'
  | 'sites-allowed'
  | 'sites-unblocked'
  /** PeerServers in the local network. */
  | 'private-servers'
  | 'sites-showing-addresses'
  | 'sites-keeping-ids'
  | 'sites-keeping-connections'
  /** Data connections or calls are given back. */
  | 'sites-permitted-more'
  | 'ids-brought'
  | 'ids-replaced';

/** What came of trying a relay: a candidate, or why there is none. */
export interface RelayTrial {
  candidate?: {
    address: string;
    port: number;
    /** Of the relay towards the remote peer: `udp` or `tcp`. */
    protocol: string;
    /** Between this browser and the relay: `udp`, `tcp` or `tls`. */
    relayProtocol?: string;
  };
  error?: {
    /**
     * Of `icecandidateerror` (ice-errors.ts). `timeout`: nothing came back; `invalid`: the browser can make nothing of the
     * URLs or credentials; `no-relay`: the server gave no relay, as one for STUN alone never does.
     */
    code: number | 'timeout' | 'invalid' | 'no-relay';
    /** The server's or the browser's own words, in whatever language. Empty where they have none. */
    text: string;
    /** The one of the server's URLs that it is about; empty where it is about none of them alone. */
    url: string;
  };
}

/** Replaces the members that are given; a null takes one back to its default. The others stay, whoever changes them. */
export type Changes<Kept> = { [Name in keyof Kept]?: Kept[Name] | null };

export type UiRequest =
  /** The sites of a tab: the page's own, then those embedded that have asked. Empty where the extension cannot work. */
  | { to: 'background'; type: 'ui.tab'; tabId: number }
  | { to: 'background'; type: 'ui.sites' }
  /** Ends the site's links at once where it takes a permission away. */
  | { to: 'background'; type: 'ui.decide'; site: SiteName; isPrivate: boolean; decision: SiteDecision }
  | { to: 'background'; type: 'ui.allowForTab'; site: SiteName; isPrivate: boolean; tabId: number }
  /** Brings the prompt that waits for an answer about the site to the front. */
  | { to: 'background'; type: 'ui.showPrompt'; site: SiteName; isPrivate: boolean }
  /** Of an origin. */
  | { to: 'background'; type: 'ui.changeSettings'; site: SiteName; isPrivate: boolean; change: Changes<SiteSettings> }
  /** Decision, settings, identities and all. */
  | { to: 'background'; type: 'ui.forgetSite'; site: SiteName; isPrivate: boolean }
  | { to: 'background'; type: 'ui.forgetIdentity'; site: SiteName; id: string }
  /** Puts a new ID in the place of one of the site's own. */
  | { to: 'background'; type: 'ui.resetIdentity'; site: SiteName; id: string }
  /** Whether the host of the connections could not be started when it was last needed. */
  | { to: 'background'; type: 'ui.hostTrouble' }
  | { to: 'background'; type: 'ui.policy' }
  | { to: 'background'; type: 'ui.changePolicy'; change: Changes<Policy> }
  /** Takes up to ten seconds. */
  | { to: 'background'; type: 'ui.testRelay'; server: OwnIceServer }
  | { to: 'background'; type: 'ui.log' }
  | { to: 'background'; type: 'ui.export' }
  /** What `ui.import` would do. Changes nothing. */
  | { to: 'background'; type: 'ui.previewImport'; text: string }
  | { to: 'background'; type: 'ui.import'; text: string }
  | { to: 'background'; type: 'ui.erase' };

export interface UiReplyTo {
  'ui.tab': TabSite[];
  'ui.sites': SiteRow[];
  'ui.decide': true;
  'ui.allowForTab': true;
  'ui.showPrompt': true;
  'ui.changeSettings': true;
  'ui.forgetSite': true;
  'ui.forgetIdentity': true;
  'ui.resetIdentity': true;
  'ui.hostTrouble': boolean;
  'ui.policy': PolicyView;
  'ui.changePolicy': true;
  'ui.testRelay': RelayTrial;
  'ui.log': LogEntry[];
  /** The text of a file. */
  'ui.export': string;
  'ui.previewImport': { problem: string } | { summary: ImportSummary };
  /** Nothing is changed where there is a problem; `problem` names it in English, with the place in the file. */
  'ui.import': { problem?: string };
  'ui.erase': true;
}
