// A Peer's connections by remote ID: PeerJS's `_connections`, whose arrays pages see live.
import type { DataConnection } from './data-connection';

export type ConnectionLists = Map<string, DataConnection[]>;

export function addConnection(lists: ConnectionLists, connection: DataConnection): void {
  const list = lists.get(connection.peer);
  if (list) list.push(connection);
  else lists.set(connection.peer, [connection]);
}

/** Leaves an emptied array in its place, as PeerJS does. */
export function removeConnection(lists: ConnectionLists, connection: DataConnection): void {
  const list = lists.get(connection.peer);
  const index = list?.indexOf(connection) ?? -1;
  if (index >= 0) list?.splice(index, 1);
}

/** Every one of the connections to a peer: closing takes a connection out of the list that is being closed. */
export function closeConnections(lists: ConnectionLists, peerId: string): void {
  for (const connection of [...(lists.get(peerId) ?? [])]) connection.close();
  lists.delete(peerId);
}

/** A new object without prototype, with the live arrays. */
export function asPlainObject(lists: ConnectionLists): Record<string, DataConnection[]> {
  const plain = Object.create(null) as Record<string, DataConnection[]>;
  for (const [peerId, list] of lists) plain[peerId] = list;
  return plain;
}
