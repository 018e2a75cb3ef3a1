// This Peer's own offers that no remote peer has answered yet, across the loss of the socket. An offer that was out when
// the socket was lost may be lost, or its answer; it is repeated once the server has delivered everything that it held
// back, so that an answer among those messages comes first. The owner must report the socket's events.
import { HostedDataConnection } from '../data/hosted-data-connection';
import type { SignallingSocket } from '../signalling/signalling-socket';
import type { ConnectionRegistry, Hosted } from './connection-registry';

export class UnansweredOffers {
  readonly #connections: Pick<ConnectionRegistry, 'all'>;
  readonly #socket: Pick<SignallingSocket, 'forget'>;
  /** Connections whose offers went out on a socket that is gone: the offer or its answer may be lost. */
  #doubtful = new Set<Hosted>();
  /** The server has delivered everything that it held back for us: an answer that is still missing will not come. */
  #hasReplayed = false;

  constructor(connections: Pick<ConnectionRegistry, 'all'>, socket: Pick<SignallingSocket, 'forget'>) {
    this.#connections = connections;
    this.#socket = socket;
  }

  /** The Peer can signal again: starts the deadlines of unanswered connections. */
  handleRegistered(): void {
    for (const connection of this.#unanswered) connection.startDeadline();
  }

  /** The socket is gone. Marks the offers that are out to be repeated as a whole, and drops their queued messages. */
  handleLoss(): void {
    this.#doubtful = new Set(this.#connections.all().filter((connection) => connection.isOffering));
    this.#hasReplayed = false;
    for (const { description } of this.#doubtful) this.#socket.forget(description.connectionId);
    for (const connection of this.#unanswered) connection.stopDeadline();
  }

  handleReplayed(): void {
    this.#hasReplayed = true;
    for (const connection of this.#doubtful) connection.repeatOffer();
    this.#doubtful.clear();
  }

  /** This Peer has adopted the connections, which made their offers on the former Peer's socket. */
  addAdopted(connections: readonly Hosted[]): void {
    for (const connection of connections) if (connection.isOffering) this.#doubtful.add(connection);
    if (this.#hasReplayed) this.handleReplayed();
  }

  get #unanswered(): HostedDataConnection[] {
    return this.#connections
      .all()
      .filter((connection) => connection instanceof HostedDataConnection)
      .filter((connection) => connection.isUnanswered);
  }
}
