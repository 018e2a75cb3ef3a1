// A Peer's connections by remote ID: PeerJS's `_connections`, whose arrays pages see live.
import { safe } from './built-ins';
import type { DataConnection } from './data-connection';

export type ConnectionLists = Map<string, DataConnection[]>;

export function addConnection(lists: ConnectionLists, connection: DataConnection): void {
  const list = safe.mapGet(lists, connection.peer);
  if (list) list.push(connection);
  else safe.mapSet(lists, connection.peer, [connection]);
}

/** Leaves an emptied array in its place, as PeerJS does. */
export function removeConnection(lists: ConnectionLists, connection: DataConnection): void {
  const list = safe.mapGet(lists, connection.peer);
  const index = list?.indexOf(connection) ?? -1;
  if (index >= 0) list?.splice(index, 1);
}

export function findConnection(lists: ConnectionLists, peerId: string, connectionId: string): DataConnection | null {
  const list = safe.mapGet(lists, peerId);
  return list?.find((connection) => connection.connectionId === connectionId) ?? null;
}

/** Every one of the connections to a peer: closing takes a connection out of the list that is being closed. */
export function closeConnections(lists: ConnectionLists, peerId: string): void {
  for (const connection of [...(safe.mapGet(lists, peerId) ?? [])]) connection.close();
  safe.mapDelete(lists, peerId);
}

export function closeAllConnections(lists: ConnectionLists): void {
  for (const peerId in asPlainObject(lists)) closeConnections(lists, peerId);
}

/** A new object without prototype, with the live arrays. */
export function asPlainObject(lists: ConnectionLists): Record<string, DataConnection[]> {
  const plain = { __proto__: null } as unknown as Record<string, DataConnection[]>;
  safe.forEachInMap(lists, (list, peerId) => {
    plain[peerId] = list;
  });
  return plain;
}
