// The life of the engine host: opened by the first request that needs it, closed when it says that it is idle. Holds no
// state that must survive the worker; whether the host is there is found out by talking to it.
import type { ServedDocument, HostRequest, Reply, Verdict } from '../../src/protocol/control-messages';
import type { OwnIceServer, RelayTrial } from '../../src/protocol/ui-messages';

type Expect = Extract<HostRequest, { type: 'expect' }>;
type TestRelay = Extract<HostRequest, { type: 'testRelay' }>;

export interface HostDependencies {
  send: <Request extends HostRequest>(message: Request) => Promise<Reply<Request>>;
  open: () => Promise<void>;
  close: () => Promise<void>;
}

export class Host {
  readonly #dependencies: HostDependencies;
  #opening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(dependencies: HostDependencies) {
    this.#dependencies = dependencies;
  }

  /** Resolves when the host knows that a port with this ticket will come. */
  async expect(message: Expect): Promise<void> {
    await this.#ask(message);
  }

  /** The host is idle again afterwards, and ends as it always does then. */
  testRelay(server: OwnIceServer): Promise<RelayTrial> {
    return this.#ask({ to: 'host', type: 'testRelay', server });
  }

  /** What the host serves: nothing where there is no host. */
  documents(): Promise<ServedDocument[]> {
    return this.#dependencies.send({ to: 'host', type: 'documents' }).catch(() => []);
  }

  /** Where the host is gone, so are the links that the verdicts are about. */
  async enforce(verdicts: Verdict[]): Promise<void> {
    await this.#dependencies.send({ to: 'host', type: 'enforce', verdicts }).catch(() => undefined);
  }

  /** The tab shows another site than it did, or is closed. */
  async leaveTab(tabId: number): Promise<void> {
    await this.#dependencies.send({ to: 'host', type: 'leaveTab', tabId }).catch(() => undefined);
  }

  /** Closes the host, unless it has been given something to do meanwhile. */
  closeIfIdle(): Promise<void> {
    this.#closing ??= this.#release().finally(() => (this.#closing = undefined));
    return this.#closing;
  }

  async #ask<Request extends Expect | TestRelay>(message: Request): Promise<Reply<Request>> {
    // Asking first costs less than looking whether the host is there, and mostly it is.
    const reply = this.#opening ? undefined : await this.#reach(message);
    if (reply !== undefined) return reply;
    await this.#open();
    await this.#settled();
    return this.#dependencies.send(message);
  }

  /** Undefined if nobody answers. */
  async #reach<Request extends Expect | TestRelay>(message: Request): Promise<Reply<Request> | undefined> {
    await this.#settled();
    return this.#dependencies.send(message).catch(() => undefined);
  }

  /** Nothing may be sent between the host's word that it is idle and its end: it would be lost. */
  async #settled(): Promise<void> {
    while (this.#closing) await this.#closing;
  }

  async #open(): Promise<void> {
    await this.#settled();
    this.#opening ??= this.#dependencies.open().finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  async #release(): Promise<void> {
    try {
      const { isIdle } = await this.#dependencies.send({ to: 'host', type: 'release' });
      if (isIdle) await this.#dependencies.close();
    } catch {
      // The host is gone already, which is what was wanted.
    }
  }
}
