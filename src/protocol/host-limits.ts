// Limits of the engine host for all sites together, and the share that one site may have. Only sites with modest use may
// draw on the reserve, so other sites still work when one site takes all it can get.

export interface HostLimit {
  /** The limit for all sites together. */
  most: number;
  /** The part of `most` that only modest sites get. */
  reserved: number;
  /** A site with no more than this is modest. */
  modest: number;
}

/**
 * RTCPeerConnections. A call counts as two: one to the remote peer, one to the page. Chromium throws beyond 500 in one
 * process, and its count includes closed connections until they are garbage-collected, so ours does, too. (In Chromium
 * 156 a page that had made and closed 500 could make no other within 25 seconds, and 500 again after a collection.)
 */
export const HOST_PEER_CONNECTIONS: HostLimit = { most: 400, reserved: 100, modest: 20 };

/** Peers, each with a WebSocket. Chromium opens at most 255 WebSockets in a profile, and pages need some of them. */
export const HOST_PEERS: HostLimit = { most: 224, reserved: 32, modest: 4 };

const MIB = 1024 * 1024;

/**
 * Bytes queued in the host. A renderer can hold some 2 GiB of buffers. Half of that may be queued: joining chunks needs a
 * message's bytes twice, and data passing through the host takes the rest.
 */
export const HOST_QUEUED_BYTES: HostLimit = { most: 1024 * MIB, reserved: 256 * MIB, modest: 16 * MIB };

/** The highest limits that the user or an administrator can set for one site. */
export const MAX_SITE_LIMITS = {
  peers: HOST_PEERS.most - HOST_PEERS.reserved,
  connections: HOST_PEER_CONNECTIONS.most - HOST_PEER_CONNECTIONS.reserved,
  queuedBytes: HOST_QUEUED_BYTES.most - HOST_QUEUED_BYTES.reserved,
};
