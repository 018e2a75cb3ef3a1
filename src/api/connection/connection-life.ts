// The life of a data connection or call in the page: its place in the host port, whether it is open, and its end. Handles the
// host's messages that both kinds have, and gives each kind those of its own. The connection must call `open`, and `close`
// where the page closes it.
import type {
  CallMessage,
  ConnectionMessage,
  DataConnectionMessage,
  PeerConnectionState,
} from '../../protocol/host-messages';
import type { PageMessage } from '../../protocol/page-messages';
import type { BaseConnection } from './base-connection';
import { transformedSdp } from './connection-options';
import type { ConnectionListener, HostPort } from './host-port';
import { StatsRequests } from './stats-requests';

/** A message about the connection, whose key `ConnectionLife` adds. */
type Post<Message = PageMessage> = Message extends { connectionKey: number } ? Omit<Message, 'connectionKey'> : never;

/** The work of one kind of connection, which gets messages of its own kind. */
export interface ConnectionKind<Message> {
  handle: (message: Message) => void;
  /** Handles data from the host. Calls get none. */
  deliver: (data: unknown) => void;
  /** Mirrors the state of the RTCPeerConnection in the host. */
  handleState: (state: PeerConnectionState) => void;
  /** Releases everything when the connection has ended. */
  release: () => void;
}

export class ConnectionLife<Message extends DataConnectionMessage | CallMessage> implements ConnectionListener {
  /** Names the connection in messages. */
  readonly key: number;
  readonly deliver: (data: unknown) => void;
  /** The statistics of the connection in the host. */
  readonly stats: StatsRequests;
  readonly #connection: BaseConnection;
  readonly #port: HostPort;
  readonly #kind: ConnectionKind<Message>;
  #isOpen = false;
  #isClosed = false;

  /** `key`: the host's key of an incoming connection. Undefined for the page's own. */
  constructor(
    connection: BaseConnection,
    port: HostPort,
    kind: ConnectionKind<Message>,
    key = port.nextConnectionKey(),
  ) {
    this.#connection = connection;
    this.#port = port;
    this.#kind = kind;
    this.key = key;
    this.stats = new StatsRequests((requestId) => {
      this.post({ type: 'connection.getStats', requestId });
    });
    this.deliver = kind.deliver;
    port.addConnection(key, this);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  post(message: Post): void {
    this.#port.post({ ...message, connectionKey: this.key });
  }

  /** The caller emits the event. */
  open(): void {
    this.#isOpen = true;
  }

  /** Closes the connection at both ends. Idempotent; emits `close` if the connection was open. */
  close(): void {
    if (this.#isClosed) return;
    this.post({ type: 'connection.close' });
    this.#end();
  }

  /** Emits the event of an ICE state, and ends the connection when ICE fails, like PeerJS (lib/negotiator.ts). */
  handleIceState(state: RTCIceConnectionState): void {
    const connection = this.#connection;
    if (state === 'failed') {
      connection.emitError('negotiation-failed', `Negotiation of connection to ${connection.peer} failed.`);
      connection.close();
    }
    // PeerJS reads the state only now, so it emits `closed` for a connection that it has just closed.
    connection.emit('iceStateChanged', state === 'failed' ? 'closed' : state);
  }

  handle(message: ConnectionMessage): void {
    const connection = this.#connection;
    switch (message.type) {
      case 'connection.closed':
        this.#end();
        return;
      case 'connection.error':
        connection.emitError(message.error.type, message.error.message);
        return;
      case 'connection.state':
        this.#kind.handleState(message.state);
        if (message.iceStateChanged) this.handleIceState(message.state.iceConnectionState);
        return;
      case 'connection.sdp': {
        const sdp = transformedSdp(connection, message.sdp);
        if (sdp !== undefined) this.post({ type: 'connection.sdpTransformed', sdp });
        return;
      }
      case 'connection.stats':
        this.stats.answer(message.requestId, message.stats);
        return;
      default:
        // The host knows of which kind a connection is.
        this.#kind.handle(message as Message);
    }
  }

  handleHostLoss(): void {
    this.#end();
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const connection = this.#connection;
    this.#port.removeConnection(this.key);
    this.stats.abandon();
    connection.provider?._removeConnection(connection);
    connection.provider = null;
    this.#kind.release();
    connection.peerConnection = null;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    connection.emit('close');
  }
}
