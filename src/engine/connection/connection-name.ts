// PeerJS identifies a connection by remote peer and connection ID together: two remote peers may use the same
// connection ID.

/** A map key for the connection. */
export function connectionName(remotePeerId: string, connectionId: string): string {
  return JSON.stringify([remotePeerId, connectionId]);
}
