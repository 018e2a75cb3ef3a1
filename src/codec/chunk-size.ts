// Apart from the framing, of which the page's script needs nothing else.

/** Largest packed message that goes as it is, and size of a piece of a larger one, bytes (PeerJS's `util.chunkedMTU`). */
export const CHUNK_SIZE = 16_300;
