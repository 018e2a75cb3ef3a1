// The page's `sdpTransform`, for a negotiation in the host: posts a description to the page and waits for the result.
// The owner must call `close` when the negotiation is over, which rejects a description that the page has not returned.
import type { ConnectionReporter } from './connection-reporter';

interface Waiting {
  resolve: (sdp: string) => void;
  reject: (reason: Error) => void;
}

export class SdpTransform {
  readonly #reporter: Pick<ConnectionReporter, 'post'>;
  #waiting: Waiting | undefined;
  #isClosed = false;

  constructor(reporter: Pick<ConnectionReporter, 'post'>) {
    this.#reporter = reporter;
  }

  /** The page has a description and has not returned it yet. */
  get isPending(): boolean {
    return this.#waiting !== undefined;
  }

  /** Resolves with the page's result. Rejects once the transform is closed. */
  ask(sdp: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#isClosed) this.close();
      else this.#reporter.post({ type: 'connection.sdp', sdp });
    });
  }

  /** The page returns the description. Ignores a result that nobody asked for. */
  settle(sdp: string): void {
    this.#waiting?.resolve(sdp);
    this.#waiting = undefined;
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#waiting?.reject(new Error('The connection has closed before the page returned its description.'));
    this.#waiting = undefined;
  }
}
