// Apart from the schemas, so that the script in the page does not carry them for a number.

/**
 * Tracks that a call takes of a stream: the page gives the host no more, and the host refuses what has more. Each costs the
 * host a transceiver, and no honest call has so many.
 */
export const MAX_TRACKS = 64;
