// The live view: the engine host's reports to the panel, and the panel's requests to the host. They travel over a runtime
// port that a page of the extension opens to the host. The host gathers nothing while no such port is open.

export const LIVE_PORT = 'live';

/** Milliseconds between reports. */
export const LIVE_INTERVAL_MS = 500;

/** The kinds of media that a call is known to receive or send. `screen`: a track from `getDisplayMedia`. */
export type LiveKind = 'data' | 'voice' | 'video' | 'screen';

export interface LiveConnection {
  /** Identifies the connection in the whole browser. */
  key: string;
  remotePeerId: string;
  kind: LiveKind;
  label?: string;
  /** `hosted`: in the extension. `direct`: in the page, which does not report its traffic. */
  route: 'hosted' | 'direct';
  /**
   * `ringing`: an unanswered call. `disconnected`: the network is lost and may come back. Only for data on the direct
   * route: `answered` (from then on only the page knows the state) and `closing` (the page was asked to close it).
   */
  state: 'ringing' | 'connecting' | 'open' | 'disconnected' | 'answered' | 'closing';
  /** Milliseconds since the connection was started. */
  age: number;
  /** The path of packets. Absent while not connected. */
  path?: 'direct' | 'relayed';
  /** Milliseconds. */
  roundTrip?: number;
  /** Bytes sent to and received from the remote peer, as counted on the network. 0 on the direct route. */
  bytesSent: number;
  bytesReceived: number;
}

/** Why a Peer is not registered: the server is unreachable, refuses the ID or the key, or reports an error. */
export type LiveProblem = 'unreachable' | 'id-taken' | 'invalid-key' | 'server-error';

export interface LivePeer {
  /** Identifies the Peer in the whole browser. */
  key: string;
  /** Absent until the server answers. */
  id?: string;
  /** `waiting`: its page is gone, and the Peer is parked for the site's next page. */
  state: 'connecting' | 'open' | 'disconnected' | 'waiting';
  /** Host and port, as the browser parses them. */
  server: string;
  /** Absent without a problem. */
  problem?: LiveProblem;
  connections: LiveConnection[];
}

/** One document with Peers. */
export interface LiveDocument extends LiveSite {
  tabId: number;
  frameId: number;
  peers: LivePeer[];
  /** The problem that ended the document's last Peer: PeerJS destroys a Peer that cannot register. */
  failure?: { server: string; problem: LiveProblem };
}

/** A full report: every document, Peer and connection, each time. */
export interface LiveReport {
  type: 'report';
  /** The host's clock when it read the byte counts, milliseconds. Rates are differences between two reports. */
  at: number;
  documents: LiveDocument[];
}

/** A site in all tabs. The site in private windows counts as a separate site. */
export interface LiveSite {
  origin: string;
  ancestors?: string[];
  topOrigin?: string;
  isPrivate: boolean;
}

export type LiveCommand =
  /** Closes one connection; the page's object emits `close`. The host asks the page to close a connection of its own. */
  | { type: 'close'; connectionKey: string }
  /** Closes all connections of a site. Its Peers stay. */
  | ({ type: 'closeAll' } & LiveSite);

/**
 * The host sends this to every context of the extension when it has started. A panel that found no host then opens its
 * port again.
 */
export const HOST_STARTED = { to: 'panel', type: 'host.started' } as const;
