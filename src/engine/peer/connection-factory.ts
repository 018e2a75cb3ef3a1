// Makes the connections and calls of one Peer, under what user, page and browser allow, and tells the page what cannot be
// made. Keeps none of them, and begins none.
import { messageOf, type ConnectionErrorType } from '../../protocol/errors';
import type { PortableConfiguration } from '../../protocol/page-messages';
import type { ClientMessage } from '../../protocol/signalling';
import { HostedCall, type CallContext, type CallDescription } from '../calls/hosted-call';
import { HostedDataConnection, type ConnectionDescription, type ConnectionHome } from '../data/hosted-data-connection';
import type { Hosted } from './connection-registry';
import { connectionConfiguration } from '../policy/ice-policy';
import type { PeerEnvironment, PeerOwner } from './peer-environment';
import { refusalOf, type Kind } from '../policy/permitted-kinds';
import { TokenBucket } from '../policy/token-bucket';
import { watchRelays } from '../policy/relay-watch';
import { withRelaysAlone } from '../policy/relay-only-signals';
import type { SignallingSocket } from '../signalling/signalling-socket';

type CreatePeerConnection = (config: RTCConfiguration) => RTCPeerConnection;

export interface ConnectionFactoryOptions {
  peerKey: number;
  owner: PeerOwner;
  environment: PeerEnvironment;
  socket: Pick<SignallingSocket, 'send'>;
  /** As the page gave it last. */
  config: () => PortableConfiguration;
  /** Names of the serializers that the page itself has. */
  customSerializers: () => readonly string[];
}

/** RTCPeerConnections that the host makes for it: a call has one to the remote peer and one to the page. */
export const PEER_CONNECTIONS: Record<Kind, number> = { data: 1, calls: 2 };

/** Native errors that a Peer tells its page of at once, and a second afterwards: remote peers can cause them at will. */
const WEBRTC_ERRORS = { capacity: 16, perSecond: 1 };

export class ConnectionFactory {
  readonly #options: ConnectionFactoryOptions;
  readonly #webrtcErrors = new TokenBucket(WEBRTC_ERRORS);

  constructor(options: ConnectionFactoryOptions) {
    this.#options = options;
  }

  /** What a data connection has of this Peer, also where another one has made it. */
  get home(): ConnectionHome {
    const { owner, environment } = this.#options;
    return { outbox: owner.outbox, document: owner, budget: environment.budget, quota: owner.quota, send: this.send };
  }

  /** Sends what a connection signals, as far as the user lets it. Returns why it cannot be sent; undefined: it is. */
  readonly send = (message: ClientMessage): string | undefined => {
    const { owner, socket } = this.#options;
    const allowed = owner.conditions()?.relayedOnly ? withRelaysAlone(message) : message;
    return allowed && socket.send(allowed);
  };

  /** Undefined, and the page is told, where it cannot be made. */
  createConnection(description: ConnectionDescription, transformsSdp: boolean): HostedDataConnection | undefined {
    if (!this.#mayHave('data', description)) return undefined;
    const { owner, environment, config } = this.#options;
    const createPeerConnection = this.#watchingRelays(environment.createPeerConnection, () => connection);
    let connection: HostedDataConnection;
    try {
      const connectionConfig = connectionConfiguration(config(), owner.conditions() ?? {});
      const connectionContext = { ...this.home, createPeerConnection, config: connectionConfig };
      connection = new HostedDataConnection(description, connectionContext, { transformsSdp });
    } catch (error) {
      this.tellWebrtcError(error);
      this.refuse(description, messageOf(error));
      return undefined;
    }
    return connection;
  }

  /** Undefined, and the page is told, where it may not have one. `offer`: the remote peer's, if it is the one that calls. */
  createCall(description: CallDescription, offer?: RTCSessionDescriptionInit): HostedCall | undefined {
    if (!this.#mayHave('calls', description)) return undefined;
    const { owner, environment, config } = this.#options;
    const paths = environment.mediaPaths();
    const createPeerConnection = this.#watchingRelays(paths.createPeerConnection, () => call);
    const callContext: CallContext = {
      outbox: owner.outbox,
      send: this.send,
      paths: { ...paths, createPeerConnection },
      config: () => connectionConfiguration(config(), owner.conditions() ?? {}),
      links: owner.links,
      quota: owner.quota,
      // Hosted where it costs no second encoding.
      defaultRoute: paths.passesWishes ? 'hosted' : 'direct',
      // By the time of the answer, the user may have changed them.
      get forcedRoute() {
        return owner.conditions()?.callRoute;
      },
      get relayedOnly() {
        return owner.conditions()?.relayedOnly ?? false;
      },
    };
    const call = new HostedCall(description, callContext, offer);
    return call;
  }

  /** Whether this page could have now what a former page had. */
  mayGoOn(connection: HostedDataConnection): boolean {
    const { owner, customSerializers } = this.#options;
    const conditions = owner.conditions();
    if (!conditions?.keepsLinks || refusalOf('data', conditions)) return false;
    if (conditions.relayedOnly && !connection.isRelayed) return false;
    return !customSerializers().includes(connection.description.serialization);
  }

  /** Undefined, and the page is told, where it is no JSON. */
  readMetadata(request: { connectionKey: number; metadata?: string | undefined }): { metadata?: unknown } | undefined {
    try {
      return request.metadata === undefined ? {} : { metadata: JSON.parse(request.metadata) as unknown };
    } catch (error) {
      this.refuse(request, messageOf(error));
      return undefined;
    }
  }

  tellWebrtcError(error: unknown): void {
    if (!this.#webrtcErrors.take()) return;
    const { owner, peerKey } = this.#options;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type: 'webrtc', message: messageOf(error) } });
  }

  /** Where the user wants relays only, the connection fails as soon as it is known that there is none. */
  #watchingRelays(create: CreatePeerConnection, connection: () => Hosted): CreatePeerConnection {
    return (config) => {
      const peerConnection = create(config);
      // The local link of a call is made without any server.
      if (this.#options.owner.conditions()?.relayedOnly && config.iceServers) {
        watchRelays(peerConnection, (message) => {
          connection().fail('negotiation-failed', message);
        });
      }
      return peerConnection;
    };
  }

  /** False, and the page is told, where it may not have another connection of the kind. */
  #mayHave(kind: Kind, description: { connectionKey: number }): boolean {
    const { owner } = this.#options;
    const refusal = refusalOf(kind, owner.conditions());
    const excess = owner.quota.connectionRefusal(PEER_CONNECTIONS[kind]);
    if (refusal) this.refuse(description, refusal, 'permission-denied');
    else if (excess) this.refuse(description, excess, 'limit-reached');
    else return true;
    return false;
  }

  /** Ends what the page has begun; of an offer that is refused it has not heard. */
  refuse(
    { connectionKey }: { connectionKey: number },
    message: string,
    type: ConnectionErrorType = 'negotiation-failed',
  ): void {
    if (connectionKey < 0) return;
    const { outbox } = this.#options.owner;
    outbox.post({ type: 'connection.error', connectionKey, error: { type, message } });
    outbox.post({ type: 'connection.closed', connectionKey });
  }
}
