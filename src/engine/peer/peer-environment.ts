// What a Peer and its links are given by those around them: the host, and the attachment of their document.
import type { Conditions, Identity, SiteDocument } from '../../protocol/control-messages';
import type { CallCreate, ConnectionCreate } from '../../protocol/page-messages';
import type { LinkRecord } from '../calls/hosted-route';
import type { ConnectionCensus } from '../connection/connection-census';
import type { WindowBudget } from '../data/flow-window';
import type { Hosted } from './connection-registry';
import type { IdsInUse } from './ids-in-use';
import type { MediaPaths } from '../calls/media-paths';
import type { PageOutbox, OutboxClock } from '../connection/page-outbox';
import type { PageOwnedConnection } from './page-owned-connection';
import type { Quota, Quotas } from '../policy/quotas';
import type { ParkedDocuments } from '../reload/parked-documents';

/** What the host's Peers share and what they need of the world. */
export interface PeerEnvironment {
  idsInUse: IdsInUse;
  budget: WindowBudget;
  census: ConnectionCensus;
  quotas: Quotas;
  parkedDocuments: Pick<ParkedDocuments, 'find' | 'noteReturn'>;
  createWebSocket: (url: string) => WebSocket;
  createPeerConnection: (config: RTCConfiguration) => RTCPeerConnection;
  /** How media get through the host; asked for each call. */
  mediaPaths: () => MediaPaths;
  fetch: typeof fetch;
  clock: OutboxClock;
}

/** What a Peer needs of its document's attachment. */
export interface PeerOwner {
  document: SiteDocument;
  outbox: PageOutbox;
  /** The page's port has come. */
  hasPage: () => boolean;
  /** Keys of connections that the host accepts: -1, -2, … */
  nextConnectionKey: () => number;
  /** Calls `create` as soon as the site may have another connection; else the page is told that it may not. */
  whenRoom: (request: ConnectionCreate | CallCreate, create: () => void) => void;
  addConnection: (connection: Hosted) => void;
  addPageConnection: (connection: PageOwnedConnection) => void;
  /** What holds for the document's links; undefined before the first admission. */
  conditions: () => Conditions | undefined;
  /** What the origin has, and how much it may. */
  quota: Quota;
  /** What the local links of the document's calls have shown. */
  links: LinkRecord;
  /** The Peer took this ID. */
  leased: (identity: Identity, named: boolean) => void;
}
