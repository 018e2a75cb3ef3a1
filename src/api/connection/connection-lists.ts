// A Peer's connections by remote ID: PeerJS's `_connections`, whose arrays pages see live.
import { append, safe, visitAll } from '../safe/built-ins';
import type { BaseConnection } from './base-connection';

export type ConnectionLists = Map<string, BaseConnection[]>;

export function addConnection(lists: ConnectionLists, connection: BaseConnection): void {
  const list = safe.mapGet(lists, connection.peer);
  if (list) append(list, connection);
  else safe.mapSet(lists, connection.peer, [connection]);
}

/** Leaves an emptied array in its place, as PeerJS does. */
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

/** Every one of the connections to a peer: closing takes a connection out of the list that is being closed. */
export function closeConnections(lists: ConnectionLists, peerId: string): void {
  visitAll(safe.mapGet(lists, peerId) ?? [], (connection) => {
    connection.close();
  });
  safe.mapDelete(lists, peerId);
}

export function closeAllConnections(lists: ConnectionLists): void {
  for (const peerId in asPlainObject(lists)) closeConnections(lists, peerId);
}

/** A new object without prototype, with the live arrays. */
export function asPlainObject(lists: ConnectionLists): Record<string, BaseConnection[]> {
  const plain = { __proto__: null } as unknown as Record<string, BaseConnection[]>;
  safe.forEachInMap(lists, (list, peerId) => {
    plain[peerId] = list;
  });
  return plain;
}
