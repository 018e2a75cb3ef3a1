// The codes of `icecandidateerror` that the user interface explains: answers of a STUN or TURN server, and the browser's
// own code.

/** STUN (RFC 8489, 14.8): the credentials are wrong. */
export const UNAUTHORIZED = 401;
/** TURN (RFC 8656, 19): the server does not relay for this user. */
export const FORBIDDEN = 403;
/** TURN (RFC 8656, 19): the user has reached their quota of relays. */
export const QUOTA_REACHED = 486;
/** W3C WebRTC, RTCPeerConnectionIceErrorEvent: the server cannot be reached; STUN itself has no code above 699. */
export const UNREACHABLE = 701;
