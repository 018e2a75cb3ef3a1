// The page's requests for the statistics of one connection in the host. Each is settled by the host's answer, or with an empty
// report at the end of the connection: callers must `abandon` the requests there.
import { safe, visitAll } from '../safe/built-ins';
import { itemsOf, numberTable } from '../safe/number-table';

export class StatsRequests {
  readonly #ask: (requestId: number) => void;
  #requests = numberTable<(report: RTCStatsReport) => void>();
  #lastRequestId = 0;
  #isAbandoned = false;

  constructor(ask: (requestId: number) => void) {
    this.#ask = ask;
  }

  request(): Promise<RTCStatsReport> {
    return new safe.Promise((resolve) => {
      if (this.#isAbandoned) {
        resolve(new Map());
        return;
      }
      this.#requests[++this.#lastRequestId] = resolve;
      this.#ask(this.#lastRequestId);
    });
  }

  answer(requestId: number, stats: [id: string, stats: unknown][]): void {
    this.#requests[requestId]?.(new Map(stats));
    delete this.#requests[requestId];
  }

  /** Settles all open requests and all later ones: the host will answer no more. */
  abandon(): void {
    this.#isAbandoned = true;
    visitAll(itemsOf(this.#requests), (resolve) => {
      resolve(new Map());
    });
    this.#requests = numberTable();
  }
}
