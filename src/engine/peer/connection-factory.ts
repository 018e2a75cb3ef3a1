// Creates the connections and calls of one Peer, within what user, page and browser allow, and reports refusals to the
// page. Does not keep what it creates: the caller must register it and start its negotiation.
import { messageOf, type ConnectionErrorType } from '../../protocol/errors';
import type { PortableConfiguration } from '../../protocol/page-messages';
import type { ClientMessage } from '../../protocol/signalling';
import { HostedCall, type CallContext, type CallDescription } from '../calls/hosted-call';
import { ConnectionLog } from '../connection/connection-log';
import { ConnectionReporter } from '../connection/connection-reporter';
import { HostedDataConnection, type ConnectionDescription, type ConnectionHome } from '../data/hosted-data-connection';
import { PEER_CONNECTIONS, type Hosted } from './connection-registry';
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
  /** The configuration that the page passed last. */
  config: () => PortableConfiguration;
  /** Names of the page's custom serializers. */
  customSerializers: () => readonly string[];
}

/** Limits the native errors that a Peer reports to its page, because remote peers can cause them at will. */
const WEBRTC_ERRORS = { capacity: 16, perSecond: 1 };

export class ConnectionFactory {
  readonly #options: ConnectionFactoryOptions;
  readonly #webrtcErrors = new TokenBucket(WEBRTC_ERRORS);
  readonly #log: ConnectionLog;

  constructor(options: ConnectionFactoryOptions) {
    this.#options = options;
    const { environment, owner } = options;
    this.#log = new ConnectionLog(environment.diagnosticLog, environment.clock, owner.document.site);
  }

  /** What a data connection needs of its Peer. A connection that another Peer created gets it by `rehome`. */
  get home(): ConnectionHome {
    const { owner, environment } = this.#options;
    return { outbox: owner.outbox, document: owner, budget: environment.budget, quota: owner.quota, send: this.send };
  }

  /**
   * Sends a connection's signal, without what the user's policy forbids. Returns why it cannot be sent; undefined: it
   * is sent.
   */
  readonly send = (message: ClientMessage): string | undefined => {
    const { owner, socket } = this.#options;
    const allowed = owner.conditions()?.relayedOnly ? withRelaysAlone(message) : message;
    return allowed && socket.send(allowed);
  };

  /** Returns undefined and reports to the page if the connection cannot be created. */
  createConnection(description: ConnectionDescription, transformsSdp: boolean): HostedDataConnection | undefined {
    if (!this.#mayCreate('data', description)) return undefined;
    const { owner, environment, config } = this.#options;
    const createPeerConnection = this.#watchingRelays(environment.createPeerConnection, () => connection);
    let connection: HostedDataConnection;
    try {
      const connectionConfig = connectionConfiguration(config(), owner.conditions() ?? {});
      const connectionContext = { ...this.home, createPeerConnection, config: connectionConfig };
      connection = new HostedDataConnection(description, connectionContext, { transformsSdp });
    } catch (error) {
      this.reportWebrtcError(error);
      this.refuse(description, messageOf(error));
      return undefined;
    }
    return connection;
  }

  /**
   * Returns undefined and reports to the page if the call is not allowed. `offer`: the remote peer's offer of an
   * incoming call.
   */
  createCall(description: CallDescription, offer?: RTCSessionDescriptionInit): HostedCall | undefined {
    if (!this.#mayCreate('calls', description)) return undefined;
    const { owner, environment, config } = this.#options;
    const paths = environment.mediaPaths();
    const createPeerConnection = this.#watchingRelays(paths.createPeerConnection, () => call);
    const callContext: CallContext = {
      outbox: owner.outbox,
      send: this.send,
      paths: { ...paths, createPeerConnection },
      config: () => connectionConfiguration(config(), owner.conditions() ?? {}),
      pageLegs: owner.pageLegs,
      quota: owner.quota,
      // Hosted calls are the default only where they cost no second encoding.
      defaultRoute: paths.passesWishes ? 'hosted' : 'direct',
      // Read late: the user may change them before the page answers.
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

  /** Whether the site's present conditions allow this page to adopt a parked connection. */
  mayAdopt(connection: HostedDataConnection): boolean {
    const { owner, customSerializers } = this.#options;
    const conditions = owner.conditions();
    if (!conditions?.keepsConnections || refusalOf('data', conditions)) return false;
    if (conditions.relayedOnly && !connection.isRelayed) return false;
    return !customSerializers().includes(connection.description.serialization);
  }

  /** Returns undefined and reports to the page if the metadata is not JSON. */
  readMetadata(request: { connectionKey: number; metadata?: string | undefined }): { metadata?: unknown } | undefined {
    try {
      return request.metadata === undefined ? {} : { metadata: JSON.parse(request.metadata) as unknown };
    } catch (error) {
      this.refuse(request, messageOf(error));
      return undefined;
    }
  }

  reportWebrtcError(error: unknown): void {
    if (!this.#webrtcErrors.take()) return;
    const { owner, peerKey } = this.#options;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type: 'webrtc', message: messageOf(error) } });
  }

  /** With “relays only”, fails the connection as soon as no relay can be used. */
  #watchingRelays(create: CreatePeerConnection, connection: () => Hosted): CreatePeerConnection {
    return (config) => {
      const peerConnection = create(config);
      // The page leg of a call has no ICE servers, so it is not watched.
      if (this.#options.owner.conditions()?.relayedOnly && config.iceServers) {
        watchRelays(peerConnection, (message) => {
          connection().fail('negotiation-failed', message);
        });
      }
      return peerConnection;
    };
  }

  /** Returns false and reports to the page if the site may not have another connection of this kind. */
  #mayCreate(kind: Kind, description: { connectionKey: number }): boolean {
    const { owner } = this.#options;
    const refusal = refusalOf(kind, owner.conditions());
    const excess = owner.quota.connectionRefusal(PEER_CONNECTIONS[kind]);
    if (refusal ?? excess) this.#log.recordRefusal(refusal ? 'permission-denied' : 'limit-reached', kind);
    if (refusal) this.refuse(description, refusal, 'permission-denied');
    else if (excess) this.refuse(description, excess, 'limit-reached');
    else return true;
    return false;
  }

  /**
   * Reports the refusal of a connection that the page opened. The page never heard of a refused offer, so it hears
   * nothing.
   */
  refuse(
    { connectionKey }: { connectionKey: number },
    message: string,
    type: ConnectionErrorType = 'negotiation-failed',
  ): void {
    if (connectionKey < 0) return;
    const reporter = new ConnectionReporter(this.#options.owner.outbox, connectionKey);
    reporter.postError(type, message);
    reporter.postClosed();
  }
}
