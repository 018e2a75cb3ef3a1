// What a Peer and its connections get from their surroundings: from the host, and from their attached document.
import type { DiagnosticLog } from '../../diagnostics/diagnostic-log';
import type { Conditions, Identity, SiteDocument } from '../../protocol/control-messages';
import type { CallCreate, ConnectionCreate } from '../../protocol/page-messages';
import type { PageLegRecord } from '../calls/hosted-route';
import type { ConnectionCensus } from '../connection/connection-census';
import type { WindowBudget } from '../data/flow-window';
import type { Hosted } from './connection-registry';
import type { IdsInUse } from './ids-in-use';
import type { MediaPaths } from '../calls/media-paths';
import type { PageOutbox, OutboxClock } from '../connection/page-outbox';
import type { PageOwnedConnection } from './page-owned-connection';
import type { Quota, Quotas } from '../policy/quotas';
import type { ParkedDocuments } from '../reload/parked-documents';

/** What all Peers of the host share, and the browser functions that they need. */
export interface PeerEnvironment {
  idsInUse: IdsInUse;
  budget: WindowBudget;
  census: ConnectionCensus;
  quotas: Quotas;
  parkedDocuments: Pick<ParkedDocuments, 'find' | 'recordReturn'>;
  createWebSocket: (url: string) => WebSocket;
  createPeerConnection: (config: RTCConfiguration) => RTCPeerConnection;
  /** How media pass through the host; called once for each call. */
  mediaPaths: () => MediaPaths;
  fetch: typeof fetch;
  clock: OutboxClock;
  /** The host's log. */
  diagnosticLog: DiagnosticLog;
}

/** What a Peer needs of its attached document. */
export interface PeerOwner {
  document: SiteDocument;
  outbox: PageOutbox;
  /** The page's port has come. */
  hasPage: () => boolean;
  /** Keys of connections that the host accepts: -1, -2, … */
  nextConnectionKey: () => number;
  /** Calls `create` as soon as the site may have another connection; reports to the page if it may not. */
  whenRoom: (request: ConnectionCreate | CallCreate, create: () => void) => void;
  addConnection: (connection: Hosted) => void;
  addPageOwnedConnection: (connection: PageOwnedConnection) => void;
  /** The conditions for the document's connections; undefined before the first admission. */
  conditions: () => Conditions | undefined;
  /** The site's usage and limits. */
  quota: Quota;
  /** Whether the page legs of the document's calls work. */
  pageLegs: PageLegRecord;
  /** Reports that the Peer registered with this ID. */
  leased: (identity: Identity, named: boolean) => void;
}
