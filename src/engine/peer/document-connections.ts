// The connections and calls of one document, of all its Peers, by the keys that the page and the host give them. A
// connection is listed from its creation to its end. The owner must add each one, and end the Peers that they belong to.
import type { Conditions, SiteDocument } from '../../protocol/control-messages';
import type { ConnectionErrorType, ErrorInfo } from '../../protocol/errors';
import { HostedCall } from '../calls/hosted-call';
import { ConnectionLog } from '../connection/connection-log';
import { ConnectionReporter } from '../connection/connection-reporter';
import type { PageOutbox } from '../connection/page-outbox';
import { statsForPage } from '../connection/page-stats';
import type { HostedDataChannel } from '../data/hosted-data-channel';
import { HostedDataConnection } from '../data/hosted-data-connection';
import { refusalOf } from '../policy/permitted-kinds';
import type { Hosted, Listed } from './connection-registry';
import type { PageOwnedConnection } from './page-owned-connection';
import type { PeerEnvironment } from './peer-environment';

export interface DocumentConnectionsOptions {
  document: SiteDocument;
  environment: Pick<PeerEnvironment, 'census' | 'clock' | 'diagnosticLog'>;
  outbox: PageOutbox;
  /** The page closes a connection that does not exist yet, or no longer. */
  closePending: (connectionKey: number) => void;
  /** A connection whose RTCPeerConnection is in the host has ended, or another document has adopted it. */
  onGone: () => void;
}

export class DocumentConnections {
  readonly #options: DocumentConnectionsOptions;
  readonly #log: ConnectionLog;
  readonly #hosted = new Map<number, Hosted>();
  /** Connections that the page owns. The page does not know their keys, so no message of the page refers to them. */
  readonly #pageOwned = new Set<PageOwnedConnection>();
  #lastAcceptedKey = 0;

  constructor(options: DocumentConnectionsOptions) {
    this.#options = options;
    const { document, environment } = options;
    this.#log = new ConnectionLog(environment.diagnosticLog, environment.clock, document.site);
  }

  /** A copy: connections may close while a caller iterates. */
  get all(): readonly Listed[] {
    return [...this.#hosted.values(), ...this.#pageOwned];
  }

  /** A key for a connection that the host accepts: -1, -2, … */
  nextKey(): number {
    return --this.#lastAcceptedKey;
  }

  find(connectionKey: number): Hosted | undefined {
    return this.#hosted.get(connectionKey);
  }

  findChannel(connectionKey: number): HostedDataChannel | undefined {
    const connection = this.#hosted.get(connectionKey);
    return connection instanceof HostedDataConnection ? connection.channel : undefined;
  }

  findCall(connectionKey: number): HostedCall | undefined {
    const connection = this.#hosted.get(connectionKey);
    return connection instanceof HostedCall ? connection : undefined;
  }

  add(connection: Hosted): void {
    const { document, environment, onGone } = this.#options;
    const { connectionKey } = connection.description;
    // Only a page that uses a key twice has a former connection here, and it could no longer reach that connection.
    this.#hosted.get(connectionKey)?.close();
    this.#hosted.set(connectionKey, connection);
    environment.census.add(document.tabId, connection);
    this.#log.watch(connection instanceof HostedCall ? 'calls' : 'data', connection);
    connection.on('gone', () => {
      if (this.#hosted.get(connectionKey) === connection) this.#hosted.delete(connectionKey);
      onGone();
    });
  }

  addPageOwned(connection: PageOwnedConnection): void {
    const { document, environment } = this.#options;
    this.#pageOwned.add(connection);
    environment.census.add(document.tabId, connection);
    this.#log.watch('page-owned', connection);
    connection.on('gone', () => this.#pageOwned.delete(connection));
  }

  close(connectionKey: number): void {
    const connection = this.#hosted.get(connectionKey);
    if (connection) connection.close();
    else this.#options.closePending(connectionKey);
  }

  /** Posts the error and closes the connection, even if it does not exist: the page believes that it does. */
  refuse(connectionKey: number, { type, message }: ErrorInfo<ConnectionErrorType>): void {
    this.#log.recordRefusal(type);
    const reporter = new ConnectionReporter(this.#options.outbox, connectionKey);
    reporter.postError(type, message);
    this.close(connectionKey);
    reporter.postClosed();
  }

  /** Closes connections that are no longer permitted. */
  enforce(conditions: Conditions): void {
    for (const connection of this.all) {
      const refusal = refusalOf(connection instanceof HostedCall ? 'calls' : 'data', conditions);
      if (refusal) connection.fail('permission-denied', refusal);
    }
  }

  async postStats(connectionKey: number, requestId: number): Promise<void> {
    const connection = this.#hosted.get(connectionKey);
    // A connection that closes meanwhile has no statistics.
    const stats = (await connection?.getStats().catch(() => [])) ?? [];
    const reporter = new ConnectionReporter(this.#options.outbox, connectionKey);
    reporter.post({ type: 'connection.stats', requestId, stats: statsForPage(stats) });
  }
}
