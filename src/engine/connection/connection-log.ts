// Logs the stages of one document's connections, by the events that every kind of connection emits.
import type { EventEmitter } from 'eventemitter3';
import type { DiagnosticLog, Given, Logger } from '../../diagnostics/diagnostic-log';
import type { Site } from '../../protocol/control-messages';
import type { ConnectionErrorType } from '../../protocol/errors';
import type { ConnectionEvents } from './connection-events';
import type { OutboxClock } from './page-outbox';

export class ConnectionLog {
  readonly #log: Logger<'connections'>;
  readonly #clock: Pick<OutboxClock, 'now'>;
  readonly #site: Site;

  constructor(log: DiagnosticLog, clock: Pick<OutboxClock, 'now'>, site: Site) {
    this.#log = log.logger('connections');
    this.#clock = clock;
    this.#site = site;
  }

  /** Logs the stages of this connection until it is gone. Call it once for each connection of the document. */
  watch(kind: Given['kind'], connection: Pick<EventEmitter<ConnectionEvents>, 'on'>): void {
    const createdAt = this.#clock.now();
    const facts = (): Given => ({ site: this.#site, kind, ms: this.#clock.now() - createdAt });
    this.#log.info('created', { site: this.#site, kind });
    connection.on('established', () => this.#log.info('established', facts()));
    connection.on('failed', (type) => this.#log.warn('failed', { ...facts(), type }));
    connection.on('webrtcError', (error) => this.#log.warn('native-error', { ...facts(), error }));
    connection.on('gone', () => this.#log.info('ended', facts()));
  }

  /** A connection was refused before it existed. */
  recordRefusal(type: ConnectionErrorType, kind?: Given['kind']): void {
    this.#log.info('refused', { site: this.#site, type, kind });
  }
}
