// Watches a connection that may use relays only. Where none of them gives a candidate, the browser has nothing to try and
// says nothing for ever; here that is noticed as soon as it is known, with the reasons.

import { UNAUTHORIZED, UNREACHABLE } from '../../protocol/ice-errors';

const REASONS: Record<number, string> = {
  [UNREACHABLE]: 'a relay cannot be reached',
  [UNAUTHORIZED]: 'a relay refused the credentials',
};

/** `onNone` is told at most once. Ends with the connection. */
export function watchRelays(peerConnection: RTCPeerConnection, onNone: (message: string) => void): void {
  // Numbers only: what the user's own relay is called is not the page's business.
  const reasons = new Set<string>();
  let hasCandidate = false;
  peerConnection.addEventListener('icecandidateerror', ({ errorCode }) => {
    reasons.add(REASONS[errorCode] ?? `a relay answered with error ${errorCode}`);
  });
  peerConnection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate?.candidate) hasCandidate = true;
    if (candidate !== null || hasCandidate) return;
    const because = reasons.size > 0 ? `: ${[...reasons].join(', ')}` : '';
    onNone(`The user lets this browser connect through relays (TURN servers) only, and none could be used${because}.`);
  });
}
