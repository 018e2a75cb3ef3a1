// Limits for texts that come from a page or a remote peer, in characters (UTF-16 code units, one or two bytes each in the
// browser's memory). Every limit is far above honest values, and a thousand texts of that length do no harm.

/** IDs of Peers and connections, and tokens: each goes into a URL or is a key of a map. */
export const MAX_ID_LENGTH = 1024;
/** SCTP allows labels of 65 535 bytes. Pages use a word or a little JSON. */
export const MAX_LABEL_LENGTH = 4096;
/** Names of streams, tracks, media sections and serializers. Browsers generate names of 36 characters. */
export const MAX_NAME_LENGTH = 256;
/** A candidate has some 150 characters; extensions add a few words. */
export const MAX_CANDIDATE_LENGTH = 2048;
/** A session description. Chromium writes some 6000 characters for each video, so this is enough for forty videos. */
export const MAX_SDP_LENGTH = 256 * 1024;
/** JSON text of a connection's metadata: names and settings, or a picture as a `data:` URL. */
export const MAX_METADATA_LENGTH = 256 * 1024;
/** JSON text that a page or its serializers send through PeerServer: a description and metadata. */
export const MAX_SIGNAL_LENGTH = MAX_SDP_LENGTH + MAX_METADATA_LENGTH;
/** Size of a whole `peer.start`. No context passes on a larger one. */
export const MAX_START_SIZE = 256 * 1024;
