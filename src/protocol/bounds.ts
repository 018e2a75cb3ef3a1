// The longest that each text may be which a page or a remote peer names, in characters (UTF-16 code units, of which a browser
// keeps each in one or two bytes). Far above every honest value, and small enough that a thousand of them are no attack.

/** IDs of Peers and connections, and tokens: all of them go into a URL or name something in maps. */
export const MAX_ID_LENGTH = 1024;
/** SCTP carries labels of 65 535 bytes; pages put a word there, or a little JSON. */
export const MAX_LABEL_LENGTH = 4096;
/** Names of streams, tracks, media sections and serializers: browsers make them of 36 characters. */
export const MAX_NAME_LENGTH = 256;
/** A candidate has some 150 characters; its extensions are a few words more. */
export const MAX_CANDIDATE_LENGTH = 2048;
/** A description. Chromium's takes some 6000 characters for a video, so this is a call with forty of them. */
export const MAX_SDP_LENGTH = 256 * 1024;
/** JSON text of what a page gives with a connection: names and settings, or a picture as a `data:` URL. */
export const MAX_METADATA_LENGTH = 256 * 1024;
/** JSON text that a page or its serializers send through PeerServer: a description, and metadata beside it. */
export const MAX_SIGNAL_LENGTH = MAX_SDP_LENGTH + MAX_METADATA_LENGTH;
/** All that a `peer.start` may have, with some room: nobody carries a larger one anywhere. */
export const MAX_START_SIZE = 256 * 1024;
