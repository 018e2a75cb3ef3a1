// A Peer's connections by remote ID: PeerJS's `_connections`. Pages see the arrays themselves, so they are changed in place.
import { append, safe, visitAll } from '../safe/built-ins';
import type { BaseConnection } from './base-connection';

export type ConnectionLists = Map<string, BaseConnection[]>;

export function addConnection(lists: ConnectionLists, connection: BaseConnection): void {
  const list = safe.mapGet(lists, connection.peer);
  if (list) append(list, connection);
  else safe.mapSet(lists, connection.peer, [connection]);
}

/** Leaves an empty array in the list, as PeerJS does. */
export function removeConnection(lists: ConnectionLists, connection: BaseConnection): void {
  const list = safe.mapGet(lists, connection.peer);
  if (!list) return;
  let kept = 0;
  for (let index = 0; index < list.length; index++) {
    const other = list[index]!;
    if (other !== connection) list[kept++] = other;
  }
  list.length = kept;
}

export function findConnection(lists: ConnectionLists, peerId: string, connectionId: string): BaseConnection | null {
  const list = safe.mapGet(lists, peerId) ?? [];
  for (let index = 0; index < list.length; index++) {
    if (list[index]!.connectionId === connectionId) return list[index]!;
  }
  return null;
}

/** Closes all connections to a peer, even though closing each removes it from the list. */
export function closeConnections(lists: ConnectionLists, peerId: string): void {
  visitAll(safe.mapGet(lists, peerId) ?? [], (connection) => {
    connection.close();
  });
  safe.mapDelete(lists, peerId);
}

export function closeAllConnections(lists: ConnectionLists): void {
  for (const peerId in asPlainObject(lists)) closeConnections(lists, peerId);
}

/** A new object without a prototype, which holds the live arrays. */
export function asPlainObject(lists: ConnectionLists): Record<string, BaseConnection[]> {
  const plain = { __proto__: null } as unknown as Record<string, BaseConnection[]>;
  safe.forEachInMap(lists, (list, peerId) => {
    plain[peerId] = list;
  });
  return plain;
}
