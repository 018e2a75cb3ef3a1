// The life of the engine host: opened by the first request that needs it, closed when it says that it is idle. Holds no
// state that must survive the worker; whether the host is there is found out by talking to it.
import type { AttachedDocument, HostRequest, Reply, Verdict } from '../../src/protocol/control-messages';

type Expect = Extract<HostRequest, { type: 'expect' }>;

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
    // Asking first costs less than looking whether the host is there, and mostly it is.
    if (!this.#opening && (await this.#reaches(message))) return;
    await this.#open();
    await this.#settled();
    await this.#dependencies.send(message);
  }

  /** What the host serves: nothing where there is no host. */
  documents(): Promise<AttachedDocument[]> {
    return this.#dependencies.send({ to: 'host', type: 'documents' }).catch(() => []);
  }

  /** Where the host is gone, so are the links that the verdicts are about. */
  async enforce(verdicts: Verdict[]): Promise<void> {
    await this.#dependencies.send({ to: 'host', type: 'enforce', verdicts }).catch(() => undefined);
  }

  /** Closes the host, unless it has been given something to do meanwhile. */
  closeIfIdle(): Promise<void> {
    this.#closing ??= this.#release().finally(() => (this.#closing = undefined));
    return this.#closing;
  }

  async #reaches(message: Expect): Promise<boolean> {
    await this.#settled();
    return this.#dependencies.send(message).then(
      () => true,
      () => false,
    );
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
