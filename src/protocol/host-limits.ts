// How much the engine host carries for all sites together, and how much of that one site may have. One site that takes
// all it can get leaves a reserve, which only sites with a modest use may draw on: the next site still works.

export interface HostLimit {
  /** For all sites together. */
  most: number;
  /** The last part of `most`, which only modest sites get. */
  reserved: number;
  /** A site that has no more than this is modest. */
  modest: number;
}

/**
 * RTCPeerConnections; a call counts as two, one to the remote peer and one to the page. Chromium throws beyond 500 in one
 * process, and counts those that are closed until they are collected: in Chromium 156 a page that had made and closed 500
 * got none within 25 seconds, and 500 again after a collection, so that closed ones count here, too.
 */
export const HOST_PEER_CONNECTIONS: HostLimit = { most: 400, reserved: 100, modest: 20 };

/** Peers, each with a WebSocket. Chromium opens 255 WebSockets in one profile, and the pages need some, too. */
export const HOST_PEERS: HostLimit = { most: 224, reserved: 32, modest: 4 };

const MIB = 1024 * 1024;

/**
 * Bytes that wait. A renderer holds some 2 GiB of buffers: half of it may wait, because a message needs its bytes twice
 * while it is put together from its chunks, and what is on its way through the host takes the rest.
 */
export const HOST_HELD_BYTES: HostLimit = { most: 1024 * MIB, reserved: 256 * MIB, modest: 16 * MIB };

/** What the user or an administrator can let one site have at most. */
export const MOST_FOR_A_SITE = {
  peers: HOST_PEERS.most - HOST_PEERS.reserved,
  connections: HOST_PEER_CONNECTIONS.most - HOST_PEER_CONNECTIONS.reserved,
  heldBytes: HOST_HELD_BYTES.most - HOST_HELD_BYTES.reserved,
};
