// Requests from the extension's own pages (panel, settings, welcome) to the background, and its replies. The background
// checks by the browser's sender record that one of these pages asks; no web page and no content script may.
import type { PeerServerAddress } from './peer-server';
import type { PreferenceName, SettingName, SettingsInEffect, SITE_SETTINGS, SiteSettings } from './site-settings';

/** The user's decision about a site, or about all sites without a decision of their own. */
export type SiteDecision = 'ask' | 'allow' | 'block';

/** A site as decisions name it: an origin on its own, or an origin embedded in another origin's pages. */
export interface SiteName {
  origin: string;
  /**
   * The origins of the frames between the document and the tab's page, from the inside out, without the document's own and
   * the page's; `null` stands for a frame without a web address. Absent if there are no such origins.
   */
  ancestors?: string[];
  /** The origin of the tab's page. Absent if it equals the site's own and no other origin lies between. */
  topOrigin?: string;
}

/** A saved ID of a site. */
interface KeptIdentity {
  id: string;
  /** True: the page chose the ID. False: Peerport generated it. */
  isNamed: boolean;
}

/** One line of the sites table. */
export interface SiteRow extends SiteName {
  /** The decision in force: the site's own, or the default. */
  decision: SiteDecision;
  /** Milliseconds since the epoch. Absent if the default is in force. */
  decidedAt?: number;
  /** Origins (`wss://host:port`) of PeerServers in the local network that the user has allowed the site to use. */
  privateServers: string[];
  settings: SiteSettings;
  /** By the site's settings and the policy. */
  inEffect: SettingsInEffect;
  identities: KeptIdentity[];
  /** True: an administrator has made the decision, and the user cannot change it. */
  isManaged: boolean;
  /** The members of `settings` that an administrator has set, whether or not they also made the decision. */
  managedSettings: SettingName[];
  /**
   * True: the site is embedded, and its origin is blocked in all pages. The user can change only the decision about the
   * origin.
   */
  isBlockedEverywhere?: boolean;
}

/** A site of one tab, for the panel. */
export interface TabSite extends SiteRow {
  isPrivate: boolean;
  /** True: the site is allowed until the tab leaves the page's origin. */
  isAllowedForTab: boolean;
  /** Prompts about the site that the user closed or answered with "Block" in this browser session. */
  dismissals: number;
  /** True: because of those prompts, the user is not asked about the site again until they act. */
  isMuted: boolean;
  /** True: a prompt about the site is open. */
  isWaiting: boolean;
}

/** The user's own STUN or TURN server. Its credentials never reach a page. */
export interface OwnIceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** The PeerServer for Peers whose page does not name a server. */
export type OwnPeerServer = PeerServerAddress;

/** Limits for each origin. */
export interface Limits {
  /** Peers at once, in all tabs. */
  peers: number;
  /** Data connections and calls at once, in all tabs. */
  connections: number;
  /** Bytes queued in the host for the network or for the page. */
  queuedBytes: number;
}

/** The settings for sites without settings of their own. */
export interface Policy extends Record<PreferenceName, boolean> {
  defaultDecision: SiteDecision;
  peerServer?: OwnPeerServer;
  iceServers: OwnIceServer[];
  /** `add`: the user's servers are added to the page's. `replace`: they replace the page's. */
  iceServersMode: 'add' | 'replace';
  limits: Limits;
}

/** The policy, and the members that an administrator has set, which the user cannot change. */
export interface PolicyView {
  policy: Policy;
  managed: (keyof Policy)[];
}

/** An entry of the log. Lists are sorted newest first. */
export type LogEntry = SiteLogEntry | ImportLogEntry;

/** A log entry about one site. */
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
    /** The user cleared the site's data in the browser, so the site gets new IDs. */
    | 'renewed';
  /** The PeerServer that a prompt named. */
  server?: string;
}

/** A log entry about an imported file, which may change many sites and the policy. */
interface ImportLogEntry {
  /** Milliseconds since the epoch. */
  at: number;
  what: 'imported';
}

/** The changes that an import would make. The user sees them and must confirm before anything changes. */
export interface ImportSummary {
  /** The number of sites that the file changes. */
  changedSites: number;
  /** Everything that the file loosens, adds or replaces. Can be empty. */
  notes: ImportNote[];
}

export interface ImportNote {
  what: ImportChange;
  /** Empty if the change is not about particular sites or addresses. */
  items: ImportItem[];
}

/** A site, an address, or a site with a detail in `text`: labels of servers, or the number of IDs. */
export interface ImportItem {
  site?: SiteName;
  text?: string;
}

type LoosenedPreference = (typeof SITE_SETTINGS)[PreferenceName]['loosened'];

export type ImportChange =
  /** The default decision becomes looser. */
  | 'allows-by-default'
  | 'asks-by-default'
  /** Peers whose page names no PeerServer use the file's server, or PeerJS's public server instead of the user's. */
  | 'peer-server'
  | 'public-peer-server'
  /** The file adds STUN and TURN servers; only the user's own servers are used; the pages' servers are used as well. */
  | 'ice-servers'
  | 'ice-servers-only'
  | 'page-ice-servers'
  /** The file loosens the protection of a preference, for all sites or for some. */
  | LoosenedPreference['forAll']
  | LoosenedPreference['forSites']
  | 'limits-raised'
  | 'sites-allowed'
  | 'sites-unblocked'
  /** The file allows sites to use PeerServers in the local network. */
  | 'private-servers'
  /** Sites may open data connections or make calls again. */
  | 'sites-permitted-more'
  | 'ids-brought'
  | 'ids-replaced';

/** The result of testing a relay: a candidate, or the reason why there is no candidate. */
export interface RelayTestResult {
  candidate?: {
    address: string;
    port: number;
    /** The protocol from the relay to the remote peer: `udp` or `tcp`. */
    protocol: string;
    /** The protocol between this browser and the relay: `udp`, `tcp` or `tls`. */
    relayProtocol?: string;
  };
  error?: {
    /**
     * A number: the code of `icecandidateerror` (ice-errors.ts). `timeout`: the server did not answer. `invalid`: the
     * browser rejects the URLs or credentials. `no-relay`: the server gave no relay; a STUN-only server never does.
     */
    code: number | 'timeout' | 'invalid' | 'no-relay';
    /** The error text of the server or the browser, in any language. Can be empty. */
    text: string;
    /** The server URL that caused the error. Empty if the error is not about a single URL. */
    url: string;
  };
}

/** Replaces the given members; null resets a member to its default. Absent members keep their current value. */
export type Changes<Kept> = { [Name in keyof Kept]?: Kept[Name] | null };

export type UiRequest =
  /** The sites of a tab: the page's own, then embedded sites that have asked. Empty where the extension cannot work. */
  | { to: 'background'; type: 'ui.tab'; tabId: number }
  | { to: 'background'; type: 'ui.sites' }
  /** Ends the site's connections at once if the decision takes a permission away. */
  | { to: 'background'; type: 'ui.decide'; site: SiteName; isPrivate: boolean; decision: SiteDecision }
  | { to: 'background'; type: 'ui.allowForTab'; site: SiteName; isPrivate: boolean; tabId: number }
  /** Brings the open prompt about the site to the front. */
  | { to: 'background'; type: 'ui.showPrompt'; site: SiteName; isPrivate: boolean }
  /** Changes the settings of the site's origin. */
  | { to: 'background'; type: 'ui.changeSettings'; site: SiteName; isPrivate: boolean; change: Changes<SiteSettings> }
  /** Deletes everything about the site: decision, settings and IDs. */
  | { to: 'background'; type: 'ui.forgetSite'; site: SiteName; isPrivate: boolean }
  | { to: 'background'; type: 'ui.forgetIdentity'; site: SiteName; id: string }
  /** Replaces one of the site's generated IDs with a new ID. */
  | { to: 'background'; type: 'ui.resetIdentity'; site: SiteName; id: string }
  /** Whether the engine host failed to start when it was last needed. */
  | { to: 'background'; type: 'ui.hostTrouble' }
  | { to: 'background'; type: 'ui.policy' }
  | { to: 'background'; type: 'ui.changePolicy'; change: Changes<Policy> }
  /** Takes up to ten seconds. */
  | { to: 'background'; type: 'ui.testRelay'; server: OwnIceServer }
  | { to: 'background'; type: 'ui.log' }
  /** The text for a bug report, without names of sites. Always in English. */
  | { to: 'background'; type: 'ui.diagnostics' }
  | { to: 'background'; type: 'ui.export' }
  /** Reports what `ui.import` would change. Changes nothing. */
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
  'ui.testRelay': RelayTestResult;
  'ui.log': LogEntry[];
  'ui.diagnostics': string;
  /** The text of the exported file. */
  'ui.export': string;
  'ui.previewImport': { problem: string } | { summary: ImportSummary };
  /** A `problem` means that nothing changed. It names the problem in English, with the place in the file. */
  'ui.import': { problem?: string };
  'ui.erase': true;
}
