// A file of its own, because the page's script needs nothing else of the framing.

/** Largest packed message that is sent unchunked, and size of a chunk's data, bytes (PeerJS's `util.chunkedMTU`). */
export const CHUNK_SIZE = 16_300;
