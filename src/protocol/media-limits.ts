// A file of its own, so that the page's script can import this number without the schemas.

/**
 * Tracks of a stream that a call uses. The page describes no more to the host, and the host refuses a stream with more.
 * Each track costs the host a transceiver, and no honest call has so many.
 */
export const MAX_TRACKS = 64;
