// The connections that a page opens before its Peer has an ID, in order: only the ID tells which parked connections
// they can claim. The owner must call `drain` once the Peer has its ID, and when the Peer ends.
import { MAX_SITE_LIMITS } from '../../protocol/host-limits';
import type { ConnectionCreate } from '../../protocol/page-messages';
import { bytesOf, QueuedBytes } from '../policy/queued-bytes';
import type { Quota } from '../policy/quotas';

const TOO_MANY = `Too many connections already wait for this Peer's ID (${MAX_SITE_LIMITS.connections} at most). Wait for the Peer's \`open\` event.`;

export class QueuedConnections {
  readonly #queuedBytes: QueuedBytes;
  #requests: ConnectionCreate[] = [];

  constructor(quota: Pick<Quota, 'queuedBytes' | 'queuedBytesRefusal'>) {
    this.#queuedBytes = new QueuedBytes(quota);
  }

  /** Returns a sentence for the page's developer if the connection is refused; undefined: it is queued. */
  add(request: ConnectionCreate): string | undefined {
    const bytes = bytesOf(request);
    const hasRoom = this.#requests.length < MAX_SITE_LIMITS.connections;
    const refusal = hasRoom ? this.#queuedBytes.refusal(bytes) : TOO_MANY;
    if (refusal !== undefined) return refusal;
    this.#requests.push(request);
    this.#queuedBytes.bytes += bytes;
    return undefined;
  }

  /** The page closes a connection before it exists. */
  remove(connectionKey: number): void {
    this.#requests = this.#requests.filter((request) => request.connectionKey !== connectionKey);
    this.#queuedBytes.bytes = this.#requests.reduce((sum, request) => sum + bytesOf(request), 0);
  }

  /** Removes and returns all requests, in order. */
  drain(): ConnectionCreate[] {
    const requests = this.#requests;
    this.#requests = [];
    this.#queuedBytes.bytes = 0;
    return requests;
  }
}
