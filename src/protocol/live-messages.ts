// The live view: what the engine host tells the panel while it is open, and what the panel asks of it. Over a runtime port
// of this name, which a page of the extension opens to the host; nothing is gathered while none is open.

export const LIVE_PORT = 'live';

/** How often a report comes, milliseconds. */
export const LIVE_INTERVAL_MS = 500;

/** What a call brings or sends, as far as is known: `screen` where a track comes from `getDisplayMedia`. */
export type LiveKind = 'data' | 'voice' | 'video' | 'screen';

export interface LiveConnection {
  /** Names the connection among all of the browser. */
  key: string;
  remotePeerId: string;
  kind: LiveKind;
  label?: string;
  /** `hosted`: in the extension; `direct`: in the page, which tells nothing of its traffic. */
  route: 'hosted' | 'direct';
  /**
   * `ringing`: a call that nobody has answered; `disconnected`: the network is lost, and may come back. Of data on the
   * direct route alone: `answered`, after which only the page knows, and `closing`, where the page has been asked to.
   */
  state: 'ringing' | 'connecting' | 'open' | 'disconnected' | 'answered' | 'closing';
  /** Milliseconds since it was begun. */
  age: number;
  /** How packets travel; absent while nothing is connected. */
  path?: 'direct' | 'relayed';
  /** Milliseconds. */
  roundTrip?: number;
  /** Bytes on the way to the remote peer and from it, as the network carries them; 0 on the direct route. */
  bytesSent: number;
  bytesReceived: number;
}

/** Why a Peer is not registered: the server cannot be reached, refuses the ID, refuses the key, or reports an error. */
export type LiveProblem = 'unreachable' | 'id-taken' | 'invalid-key' | 'server-error';

export interface LivePeer {
  /** Names the Peer among all of the browser. */
  key: string;
  /** Absent while the server has not answered. */
  id?: string;
  /** `waiting`: its page has gone, and it is kept for the next page of the site. */
  state: 'connecting' | 'open' | 'disconnected' | 'waiting';
  /** Host and port, as the browser reads them. */
  server: string;
  /** Absent while there is none. */
  problem?: LiveProblem;
  connections: LiveConnection[];
}

/** One document with Peers. */
export interface LiveDocument extends LiveSite {
  tabId: number;
  frameId: number;
  peers: LivePeer[];
  /** Of the last Peer, if it was given up over it: PeerJS destroys a Peer that could not register. */
  failure?: { server: string; problem: LiveProblem };
}

/** Everything there is, each time. */
export interface LiveReport {
  type: 'report';
  /** The host's clock when the bytes were read, milliseconds: rates are differences between two reports. */
  at: number;
  documents: LiveDocument[];
}

/** A site's documents, in all tabs; those of private windows are another site. */
export interface LiveSite {
  origin: string;
  ancestors?: string[];
  topOrigin?: string;
  isPrivate: boolean;
}

export type LiveCommand =
  /** One connection; the page's object says `close`. What the page holds itself, it is asked to close. */
  | { type: 'close'; connectionKey: string }
  /** All connections of a site. The Peers stay. */
  | ({ type: 'closeAll' } & LiveSite);

/**
 * The host says this to every context of the extension when it has started, so that a panel which found no host opens its
 * port again.
 */
export const HOST_STARTED = { to: 'panel', type: 'host.started' } as const;
