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
  state: 'connecting' | 'open' | 'disconnected';
  /** Milliseconds since it was begun. */
  age: number;
  /** How packets travel; absent while nothing is connected. */
  path?: 'direct' | 'relayed';
  /** Milliseconds. */
  roundTrip?: number;
  bytesSent: number;
  bytesReceived: number;
}

export interface LivePeer {
  /** Names the Peer among all of the browser. */
  key: string;
  /** Absent while the server has not answered. */
  id?: string;
  state: 'connecting' | 'open' | 'disconnected';
  /** Host and port. */
  server: string;
  connections: LiveConnection[];
}

/** One document with Peers. */
export interface LiveDocument {
  tabId: number;
  frameId: number;
  origin: string;
  topOrigin?: string;
  isPrivate: boolean;
  peers: LivePeer[];
}

/** Everything there is, each time. */
export interface LiveReport {
  type: 'report';
  documents: LiveDocument[];
}

export type LiveCommand =
  /** One connection; the page's object says `close`. */
  | { type: 'close'; connectionKey: string }
  /** All connections of a site's documents, in all tabs. The Peers stay. */
  | { type: 'closeAll'; origin: string; topOrigin?: string };
