// Connections of the page's own serializer class, such as PeerJS's published MsgPack. They have their own
// RTCPeerConnection in the page and signal by `peer.socket`; `handleMessages` passes the remote peer's signals to them.
import type { RelayedMessage } from '../protocol/signalling';
import { append, safe, visitAll } from './safe/built-ins';
import type { SerializerClass } from './peer-options';

/** PeerJS's connection classes receive signals through this method. */
interface MessageTaker {
  handleMessage?: (message: RelayedMessage) => void;
}

/** Signals stored for connections that do not exist yet. PeerJS stores them without a limit. */
const MAX_LOST = 256;

/** PeerJS's `_lostMessages`: signals that came before their connection existed, by connection ID. */
export class LostMessages {
  readonly #messages = new Map<string, RelayedMessage[]>();
  #count = 0;

  queue(connectionId: string, message: RelayedMessage): void {
    if (this.#count >= MAX_LOST) return;
    this.#count++;
    const queued = safe.mapGet(this.#messages, connectionId);
    if (queued) append(queued, message);
    else safe.mapSet(this.#messages, connectionId, [message]);
  }

  /** Removes and returns the connection's signals, in order. */
  take(connectionId: string): RelayedMessage[] {
    const queued = safe.mapGet(this.#messages, connectionId) ?? [];
    safe.mapDelete(this.#messages, connectionId);
    this.#count -= queued.length;
    return queued;
  }
}

/** Passes `messages` to a connection of the page's own class. */
export function handleMessages(connection: unknown, messages: readonly RelayedMessage[]): void {
  visitAll(messages, (message) => {
    (connection as MessageTaker).handleMessage?.(message);
  });
}

/** The names of the page's own serializers. */
export function customSerializers(given: Record<string, SerializerClass> | undefined): string[] {
  const names: string[] = [];
  for (const name in given) if (typeof given[name] === 'function') append(names, name);
  return names;
}
