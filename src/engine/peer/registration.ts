// The registration of one Peer with its PeerServer: which server, under which ID, and in which state. Claims an ID,
// dials, tries another ID if the server reports one as taken, and posts to the page how it ends. The owner must pass in
// what the socket emits (`handle…`), because the Peer's connections need the same events, and must call `end`.
import type { Logger } from '../../diagnostics/diagnostic-log';
import type { Admission, Site, UsedServer } from '../../protocol/control-messages';
import type { LivePeer, LiveProblem } from '../../protocol/live-messages';
import type { PeerStart } from '../../protocol/page-messages';
import { isSameServer, serverLabel, serverUrl, type PeerServerAddress } from '../../protocol/peer-server';
import type { ParkedPeer } from '../reload/parked-peer';
import { derivePeerToken } from '../signalling/peer-token';
import { idTaken, invalidKey, noId, PROBLEMS } from '../signalling/registration-failures';
import type { RefusedMessage, ServerMessage } from '../signalling/server-messages';
import type { SignallingSocket, SocketLoss } from '../signalling/signalling-socket';
import { IdentityClaim } from './identity-claim';
import type { PeerEnvironment, PeerOwner } from './peer-environment';

/** Where remote peers reach a Peer. */
export interface PeerAddress {
  /** Undefined before the Peer is admitted. */
  server: PeerServerAddress | undefined;
  /** Undefined before the Peer has an ID. */
  peerId: string | undefined;
}

/** One start of a Peer, from the page's request to the dial. */
export interface StartAttempt {
  readonly start: PeerStart;
  /** False once the Peer has started anew, has disconnected, is parked or has ended. */
  readonly isWanted: boolean;
}

/** The background's decision, as far as a registration needs it. */
export type RegistrationAdmission = Pick<Admission, 'identities'> & UsedServer;

/** The server's messages about the registration itself. */
type RegistrationError = Extract<ServerMessage | RefusedMessage, { type: 'ID-TAKEN' | 'INVALID-KEY' | 'ERROR' }>;

export interface RegistrationOptions {
  owner: Pick<PeerOwner, 'document' | 'outbox' | 'leased'>;
  environment: Pick<PeerEnvironment, 'idsInUse' | 'parkedDocuments' | 'clock' | 'diagnosticLog'>;
  socket: Pick<SignallingSocket, 'dial' | 'close' | 'end'>;
  /** The Peer has an ID. `former`: the parked Peer that had this ID, if there was one. */
  onClaimed: (former: ParkedPeer | undefined) => void;
}

export class Registration {
  readonly #options: RegistrationOptions;
  readonly #claim: IdentityClaim;
  readonly #log: Logger<'peers'>;
  readonly #signallingLog: Logger<'signalling'>;
  #dialedAt = 0;
  /** The start that the Peer registers with. */
  #start: PeerStart;
  #attempt: { start: PeerStart; isWanted: boolean } | undefined;
  /** The server that the background decided about; the host trusts no other. Undefined before the Peer is admitted. */
  #usedServer: UsedServer | undefined;
  #wasRegistered = false;
  #state: LivePeer['state'] = 'connecting';
  #problem: LiveProblem | undefined;

  constructor(start: PeerStart, options: RegistrationOptions) {
    this.#start = start;
    this.#options = options;
    this.#claim = new IdentityClaim(options.owner.document, options.environment);
    this.#log = options.environment.diagnosticLog.logger('peers');
    this.#signallingLog = options.environment.diagnosticLog.logger('signalling');
  }

  /** The page's request that the Peer registers with. */
  get start(): PeerStart {
    return this.#start;
  }

  get address(): PeerAddress {
    return { server: this.#usedServer?.server, peerId: this.#claim.identity?.id };
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** True once the server has registered the Peer, even if the Peer has left it since. */
  get wasRegistered(): boolean {
    return this.#wasRegistered;
  }

  /** The Peer's row in the live view; undefined before the Peer is admitted to a server. */
  liveFacts(): Pick<LivePeer, 'id' | 'state' | 'server' | 'problem'> | undefined {
    return (
      this.#usedServer && {
        // Until the server confirms it, the ID may belong to another owner.
        ...(this.#wasRegistered && { id: this.#claim.identity!.id }),
        state: this.#state,
        server: serverLabel(this.#usedServer.server),
        ...(this.#problem && { problem: this.#problem }),
      }
    );
  }

  /** True if a new start can keep the Peer's ID and server, without asking the background again. */
  canRestart(start: PeerStart): boolean {
    if (!this.#claim.identity || start.requestedId !== this.#claim.identity.id) return false;
    return isSameServer(start.server, this.#start.server);
  }

  /** Begins a start, which may have to wait before it can `register`. Abandons a former one. */
  begin(start: PeerStart): StartAttempt {
    this.abandon();
    this.#attempt = { start, isWanted: true };
    this.#showConnecting();
    return this.#attempt;
  }

  /** Abandons a start that has not dialled yet. */
  abandon(): void {
    if (this.#attempt) this.#attempt.isWanted = false;
  }

  /** `admission` is required the first time, and undefined for a restart with the same ID. */
  async register(attempt: StartAttempt, admission: RegistrationAdmission | undefined): Promise<void> {
    const { start } = attempt;
    this.#showConnecting();
    this.#log.info('started', { site: this.#site });
    this.#start = start;
    if (admission) this.#usedServer = { server: admission.server, isOwnServer: admission.isOwnServer };
    const { server } = this.#usedServer!;
    const url = serverUrl(server);
    const claimed = this.#claim.take(url, admission?.identities, start.requestedId !== undefined);
    if (!claimed) {
      this.#fail('unavailable-id', idTaken(start.requestedId));
      return;
    }
    const { identity, former } = claimed;
    this.#options.onClaimed(former);
    const token = start.token ?? (await derivePeerToken(identity.secret, url));
    if (!attempt.isWanted) return;
    this.#dialedAt = this.#options.environment.clock.now();
    this.#signallingLog.info('dialed', { site: this.#site });
    this.#options.socket.dial({ server, id: identity.id, token, pingIntervalMs: start.pingInterval });
  }

  handleRegistered(): void {
    const { owner } = this.#options;
    const { peerKey, epoch } = this.#start;
    const identity = this.#claim.identity!;
    this.#wasRegistered = true;
    this.#claim.confirm();
    this.#state = 'open';
    const ms = this.#options.environment.clock.now() - this.#dialedAt;
    this.#signallingLog.info('registered', { site: this.#site, ms });
    // Lease the ID only now: another owner may hold an ID that the server has not confirmed.
    owner.leased(identity, this.#isNamed);
    owner.outbox.post({ type: 'peer.open', peerKey, epoch, peerId: identity.id });
  }

  handleLoss({ reason, code }: SocketLoss): void {
    const wasRegistered = this.#wasRegistered;
    this.#signallingLog.warn('lost', { site: this.#site, reason, code, wasRegistered });
    const { peerKey, epoch, requestedId } = this.#start;
    const peerId = this.#claim.identity?.id;
    if (!this.#wasRegistered && requestedId === undefined) {
      // PeerJS asks the server for an ID over HTTP, and fails with this where there is no server (lib/api.ts).
      this.#fail('server-error', noId(this.#usedServer!));
      this.#problem = 'unreachable';
      return;
    }
    this.#state = 'disconnected';
    this.#problem = 'unreachable';
    this.#options.owner.outbox.post({ type: 'peer.lost', peerKey, epoch, ...(peerId && { peerId }) });
  }

  handleError(message: RegistrationError): void {
    switch (message.type) {
      case 'ID-TAKEN':
        this.#handleTaken();
        return;
      case 'INVALID-KEY':
        this.#fail('invalid-key', invalidKey(this.#usedServer!));
        return;
      case 'ERROR':
        this.#fail('server-error', message.payload?.msg ?? 'PeerServer reported an error.');
        return;
      default:
        message satisfies never;
    }
  }

  /** Leaves the server. The Peer keeps its ID until `surrender` or `end`. */
  leave(): void {
    this.abandon();
    this.#state = 'disconnected';
    this.#options.socket.close();
  }

  /** The page is gone. The Peer stays registered. */
  park(): void {
    this.abandon();
    this.#log.info('parked', { site: this.#site });
  }

  /** Leaves the server and gives up the ID to the next page's Peer. */
  surrender(): void {
    this.#options.socket.close();
    this.#claim.release();
  }

  end(): void {
    this.abandon();
    this.#log.info('ended', { site: this.#site });
    this.#options.socket.end();
    this.#claim.release();
  }

  get #site(): Site {
    return this.#options.owner.document.site;
  }

  get #isNamed(): boolean {
    return this.#start.requestedId !== undefined && this.#start.leased !== true;
  }

  #showConnecting(): void {
    this.#state = 'connecting';
    this.#problem = undefined;
  }

  /** Another owner holds the ID. Fails if the page requested the ID; else tries another ID. */
  #handleTaken(): void {
    if (this.#start.requestedId !== undefined || this.#claim.isExhausted) {
      this.#fail('unavailable-id', idTaken(this.#claim.identity!.id));
      return;
    }
    this.#options.socket.close();
    void this.register(this.begin(this.#start), { identities: this.#claim.others, ...this.#usedServer! });
  }

  #fail(type: keyof typeof PROBLEMS, message: string): void {
    this.#log.warn('failed', { site: this.#site, type });
    this.#options.socket.close();
    this.#state = 'disconnected';
    this.#problem = PROBLEMS[type];
    const { peerKey, epoch } = this.#start;
    const peerId = this.#isNamed ? this.#claim.identity?.id : undefined;
    const error = { type, message };
    this.#options.owner.outbox.post({ type: 'peer.failed', peerKey, epoch, error, ...(peerId && { peerId }) });
  }
}
