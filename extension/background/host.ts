// Owns the life of the engine host: opens it for the first request that needs it, and closes it when it reports that it is
// idle. Keeps no state that must survive the worker: a request itself shows whether the host runs.
import type { Logger } from '../../src/diagnostics/diagnostic-log';
import type { ServedDocument, HostRequest, Reply, Verdict } from '../../src/protocol/control-messages';
import type { OwnIceServer, RelayTestResult } from '../../src/protocol/ui-messages';

type Expect = Extract<HostRequest, { type: 'expect' }>;
type TestRelay = Extract<HostRequest, { type: 'testRelay' }>;

export interface HostDependencies {
  send: <Request extends HostRequest>(message: Request) => Promise<Reply<Request>>;
  open: () => Promise<void>;
  close: () => Promise<void>;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Logger<'host-life'>;
}

export class Host {
  readonly #dependencies: HostDependencies;
  #opening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** This run of the background has opened the host, and not closed it. Only for the log. */
  #hasOpened = false;

  constructor(dependencies: HostDependencies) {
    this.#dependencies = dependencies;
  }

  /** Resolves when the host expects a port with this ticket. Opens the host if necessary. */
  async expect(message: Expect): Promise<void> {
    await this.#ask(message);
  }

  /** Opens the host if necessary. Afterwards the host reports that it is idle, and is closed as usual. */
  testRelay(server: OwnIceServer): Promise<RelayTestResult> {
    return this.#ask({ to: 'host', type: 'testRelay', server });
  }

  /** The documents that the host serves. Empty if no host runs. */
  documents(): Promise<ServedDocument[]> {
    return this.#dependencies.send({ to: 'host', type: 'documents' }).catch(() => {
      this.#recordSilence();
      return [];
    });
  }

  /** Rejects if no host runs. */
  diagnostics(): Promise<unknown> {
    return this.#dependencies.send({ to: 'host', type: 'diagnostics' }).catch((error: unknown) => {
      this.#recordSilence();
      throw error;
    });
  }

  /** Does nothing if no host runs: the connections that the verdicts concern ended with it. */
  async enforce(verdicts: Verdict[]): Promise<void> {
    await this.#dependencies.send({ to: 'host', type: 'enforce', verdicts }).catch(() => this.#recordSilence());
  }

  /** Call it when the tab has left its site or was closed. */
  async leaveTab(tabId: number): Promise<void> {
    await this.#dependencies.send({ to: 'host', type: 'leaveTab', tabId }).catch(() => this.#recordSilence());
  }

  /** Closes the host, unless it has become busy meanwhile. */
  closeIfIdle(): Promise<void> {
    this.#closing ??= this.#release().finally(() => (this.#closing = undefined));
    return this.#closing;
  }

  async #ask<Request extends Expect | TestRelay>(message: Request): Promise<Reply<Request>> {
    // The host mostly runs, and sending a request costs less than checking first.
    const reply = this.#opening ? undefined : await this.#reach(message);
    if (reply !== undefined) return reply;
    await this.#open();
    await this.#settled();
    return this.#dependencies.send(message);
  }

  /** Undefined if no host answers. */
  async #reach<Request extends Expect | TestRelay>(message: Request): Promise<Reply<Request> | undefined> {
    await this.#settled();
    return this.#dependencies.send(message).catch(() => this.#recordSilence());
  }

  /** Waits until no close is under way: a message sent after the host reported idle would be lost with it. */
  async #settled(): Promise<void> {
    while (this.#closing) await this.#closing;
  }

  async #open(): Promise<void> {
    await this.#settled();
    this.#opening ??= this.#start().finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  async #start(): Promise<void> {
    const { open, now, log } = this.#dependencies;
    const startedAt = now();
    try {
      await open();
      this.#hasOpened = true;
      log.info('opened', { ms: now() - startedAt });
    } catch (error) {
      log.error('not-opened', { error });
      throw error;
    }
  }

  /** Logs a host that has ended although nobody closed it. Otherwise none runs, as usual. */
  #recordSilence(): undefined {
    if (!this.#hasOpened || this.#opening) return;
    this.#hasOpened = false;
    this.#dependencies.log.warn('vanished');
  }

  async #release(): Promise<void> {
    try {
      const { isIdle } = await this.#dependencies.send({ to: 'host', type: 'release' });
      if (!isIdle) return;
      await this.#dependencies.close();
      this.#hasOpened = false;
      this.#dependencies.log.info('closed');
    } catch (error) {
      // The host has ended already.
      this.#dependencies.log.debug('not-closed', { error });
    }
  }
}
