// Remembers, for the panel, that the host of the connections could not be started when it was last needed. Nothing else
// would say so there: without a host there is nobody to open the live view with, which is also how it looks when nothing
// has to be hosted.
import type { Store } from '../../src/sites/records/store';

const KEY = 'host-trouble';

export class HostTrouble {
  readonly #session: Store;
  /** What is stored, as far as this run of the worker knows. */
  #isNoted: boolean | undefined;

  constructor(session: Store) {
    this.#session = session;
  }

  /** Passes on what came of a request that starts the host where it is not there. */
  async watch<Value>(request: Promise<Value>): Promise<Value> {
    try {
      const value = await request;
      // A Peer that opens does not wait for this.
      void this.#note(false);
      return value;
    } catch (cause) {
      await this.#note(true);
      throw cause;
    }
  }

  /** Whether the last request found no host, and none could be started. */
  async isThere(): Promise<boolean> {
    return (await this.#session.get([KEY]))[KEY] === true;
  }

  async #note(isTrouble: boolean): Promise<void> {
    if (this.#isNoted === isTrouble) return;
    this.#isNoted = isTrouble;
    if (isTrouble) await this.#session.set({ [KEY]: true });
    else await this.#session.remove([KEY]);
  }
}
