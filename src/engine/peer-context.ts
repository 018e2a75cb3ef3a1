// What a Peer and its links are given by those around them: the host, and the attachment of their document.
import type { Conditions, Identity, SiteDocument } from '../protocol/control-messages';
import type { CallCreate, ConnectionCreate } from '../protocol/page-messages';
import type { LinkRecord } from './call-hosting';
import type { ConnectionCensus } from './connection-census';
import type { WindowBudget } from './flow-window';
import type { Hosted } from './hosted-connections';
import type { LiveIds } from './live-ids';
import type { MediaWays } from './media-ways';
import type { Outbox, OutboxClock } from './outbox';
import type { PageConnection } from './page-connection';
import type { Quota, Quotas } from './quotas';
import type { WaitingRoom } from './waiting-room';

/** What the host's Peers share and what they need of the world. */
export interface PeerContext {
  liveIds: LiveIds;
  budget: WindowBudget;
  census: ConnectionCensus;
  quotas: Quotas;
  waitingRoom: Pick<WaitingRoom, 'find' | 'noteReturn'>;
  createWebSocket: (url: string) => WebSocket;
  createPeerConnection: (config: RTCConfiguration) => RTCPeerConnection;
  /** How media get through the host; asked for each call. */
  mediaWays: () => MediaWays;
  fetch: typeof fetch;
  clock: OutboxClock;
}

/** What a Peer needs of its document's attachment. */
export interface PeerOwner {
  document: SiteDocument;
  outbox: Outbox;
  /** The page's port has come. */
  hasPage: () => boolean;
  /** Keys of connections that the host accepts: -1, -2, … */
  nextConnectionKey: () => number;
  /** Calls `create` as soon as the site may have another connection; else the page is told that it may not. */
  whenRoom: (request: ConnectionCreate | CallCreate, create: () => void) => void;
  addConnection: (connection: Hosted) => void;
  addPageConnection: (connection: PageConnection) => void;
  /** What holds for the document's links; undefined before the first admission. */
  conditions: () => Conditions | undefined;
  /** What the origin has, and how much it may. */
  quota: Quota;
  /** What the local links of the document's calls have shown. */
  links: LinkRecord;
  /** The Peer took this ID. */
  leased: (identity: Identity, named: boolean) => void;
}
