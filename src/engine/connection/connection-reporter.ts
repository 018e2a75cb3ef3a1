// Reports to a page what happens to one of its connections. Owns the address, which is the page's outbox and the page's
// key of the connection, so that callers name only the event. `Message` holds the messages that this kind of connection
// may report. The owner calls `moveTo` when another page adopts the connection.
import type { ConnectionErrorType } from '../../protocol/errors';
import type {
  CallMessage,
  CommonMessage,
  ConnectionMessage,
  DataConnectionMessage,
} from '../../protocol/host-messages';
import type { IncomingData, PageOutbox } from './page-outbox';

/** A message to a connection, without its address. */
type Report<Message> = Message extends unknown ? Omit<Message, 'connectionKey'> : never;

export class ConnectionReporter<Message extends ConnectionMessage = CommonMessage> {
  #outbox: PageOutbox;
  #connectionKey: number;

  constructor(outbox: PageOutbox, connectionKey: number) {
    this.#outbox = outbox;
    this.#connectionKey = connectionKey;
  }

  /** Reports to the page with this outbox from now on, which knows the connection by this key. */
  moveTo(outbox: PageOutbox, connectionKey: number): void {
    this.#outbox = outbox;
    this.#connectionKey = connectionKey;
  }

  post(report: Report<Message>): void {
    this.#outbox.post({ ...report, connectionKey: this.#connectionKey } as Message);
  }

  postError(type: ConnectionErrorType, message: string): void {
    this.#outbox.post({ type: 'connection.error', connectionKey: this.#connectionKey, error: { type, message } });
  }

  postClosed(): void {
    this.#outbox.post({ type: 'connection.closed', connectionKey: this.#connectionKey });
  }

  /** Delivers data that the connection has received. */
  deliver(incoming: IncomingData): void {
    this.#outbox.deliver(this.#connectionKey, incoming);
  }
}

export type DataConnectionReporter = ConnectionReporter<CommonMessage | DataConnectionMessage>;

/** A call delivers no data. */
export type CallReporter = Omit<ConnectionReporter<CommonMessage | CallMessage>, 'deliver'>;
