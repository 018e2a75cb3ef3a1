// The codes of `icecandidateerror` that we have words for: what a STUN or TURN server answers with, and the browser's own.

/** STUN (RFC 8489, 14.8): the credentials are wrong. */
export const UNAUTHORIZED = 401;
/** TURN (RFC 8656, 19): the server relays nothing for this user. */
export const FORBIDDEN = 403;
/** TURN (RFC 8656, 19): the user has as many relays as they may. */
export const QUOTA_REACHED = 486;
/** W3C WebRTC, RTCPeerConnectionIceErrorEvent: the server cannot be reached; STUN itself has no code above 699. */
export const UNREACHABLE = 701;
