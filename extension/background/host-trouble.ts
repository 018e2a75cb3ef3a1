// Remembers for the panel that the engine host could not be started when it was last needed. The panel cannot find out by
// itself: a host that failed to start looks the same as a host that nobody needs.
import type { Store } from '../../src/sites/records/store';

const KEY = 'host-trouble';

export class HostTrouble {
  readonly #session: Store;
  /** The stored value, if this run of the worker knows it. */
  #isRecorded: boolean | undefined;

  constructor(session: Store) {
    this.#session = session;
  }

  /** Settles like `request`, which starts the host if necessary, and records whether that failed. */
  async watch<Value>(request: Promise<Value>): Promise<Value> {
    try {
      const value = await request;
      // Not awaited: it must not delay a Peer that opens.
      void this.#record(false);
      return value;
    } catch (cause) {
      await this.#record(true);
      throw cause;
    }
  }

  /** Whether the last request failed because no host could be started. */
  async isThere(): Promise<boolean> {
    return (await this.#session.get([KEY]))[KEY] === true;
  }

  async #record(isTrouble: boolean): Promise<void> {
    if (this.#isRecorded === isTrouble) return;
    this.#isRecorded = isTrouble;
    if (isTrouble) await this.#session.set({ [KEY]: true });
    else await this.#session.remove([KEY]);
  }
}
