// PeerJS names a connection by the remote peer and an ID that either end chose: another peer's connection of the same ID is
// another one.

/** For maps of connections by name. */
export function connectionName(remotePeerId: string, connectionId: string): string {
  return JSON.stringify([remotePeerId, connectionId]);
}
