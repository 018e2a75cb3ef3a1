// Connections of a serializer class that the page brought (PeerJS's published MsgPack, for one): they have their own
// RTCPeerConnection in the page, signal by `peer.socket`, and are given here what the remote peer signals to them.
import type { RelayedMessage } from '../protocol/signalling';
import { append, safe, visitAll } from './safe/built-ins';
import type { SerializerClass } from './peer-options';

/** PeerJS's own connection classes take messages by this method. */
interface MessageTaker {
  handleMessage?: (message: RelayedMessage) => void;
}

/** Messages for connections that are not there yet, at most; PeerJS keeps them without bound. */
const MAX_LOST = 256;

/** PeerJS's `_lostMessages`: what came ahead of its connection, by connection ID. */
export class LostMessages {
  readonly #messages = new Map<string, RelayedMessage[]>();
  #count = 0;

  keep(connectionId: string, message: RelayedMessage): void {
    if (this.#count >= MAX_LOST) return;
    this.#count++;
    const kept = safe.mapGet(this.#messages, connectionId);
    if (kept) append(kept, message);
    else safe.mapSet(this.#messages, connectionId, [message]);
  }

  /** In order; they are lost no longer. */
  take(connectionId: string): RelayedMessage[] {
    const kept = safe.mapGet(this.#messages, connectionId) ?? [];
    safe.mapDelete(this.#messages, connectionId);
    this.#count -= kept.length;
    return kept;
  }
}

/** Gives `messages` to a connection of the page's own class. */
export function handleMessages(connection: unknown, messages: readonly RelayedMessage[]): void {
  visitAll(messages, (message) => {
    (connection as MessageTaker).handleMessage?.(message);
  });
}

/** The names of the serializers that are the page's own. */
export function customSerializers(given: Record<string, SerializerClass> | undefined): string[] {
  const names: string[] = [];
  for (const name in given) if (typeof given[name] === 'function') append(names, name);
  return names;
}
