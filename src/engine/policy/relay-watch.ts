// Watches a connection that may use relays only. If no relay gives a candidate, the browser waits forever without an
// event; the watch reports it as soon as gathering ends, with the reasons.

import { UNAUTHORIZED, UNREACHABLE } from '../../protocol/ice-errors';

const REASONS: Record<number, string> = {
  [UNREACHABLE]: 'a relay cannot be reached',
  [UNAUTHORIZED]: 'a relay refused the credentials',
};

/** Calls `onNone` once at most, with a sentence for the page's developer. Ends with the connection. */
export function watchRelays(peerConnection: RTCPeerConnection, onNone: (message: string) => void): void {
  // Error codes only, because the page must not learn the name of the user's own relay.
  const reasons = new Set<string>();
  let hasCandidate = false;
  peerConnection.addEventListener('icecandidateerror', ({ errorCode }) => {
    reasons.add(REASONS[errorCode] ?? `a relay answered with error ${errorCode}`);
  });
  peerConnection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate?.candidate) hasCandidate = true;
    if (candidate !== null || hasCandidate) return;
    const because = reasons.size > 0 ? `: ${[...reasons].join(', ')}` : '';
    onNone(
      `The user lets this browser connect through relays (TURN servers) only, but no relay could be used${because}.`,
    );
  });
}
