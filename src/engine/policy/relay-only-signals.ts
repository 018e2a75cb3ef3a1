// Filters signals for “relays only”: removes this browser's addresses, both as candidates and as a relayed candidate's
// related address. A connection made with relays only gathers no such candidates. The filter catches signals queued by
// an earlier connection, and browsers that reveal their own address next to the relay's.
import type { ClientMessage } from '../../protocol/signalling';

/** The message with only its relayed candidates; undefined if nothing is left of it. */
export function withRelaysAlone(message: ClientMessage): ClientMessage | undefined {
  const { payload } = message;
  if (message.type === 'CANDIDATE') {
    const { candidate } = payload as { candidate?: RTCIceCandidateInit };
    const text = relayed(candidate?.candidate ?? '');
    return text === undefined
      ? undefined
      : { ...message, payload: { ...payload, candidate: { ...candidate, candidate: text } } };
  }
  const { sdp } = payload as { sdp?: RTCSessionDescriptionInit };
  const lines = (sdp?.sdp ?? '').split(/(?<=\n)/);
  const kept = lines.flatMap((line) => (line.startsWith('a=candidate:') ? (relayed(line) ?? []) : line));
  return { ...message, payload: { ...payload, sdp: { ...sdp, sdp: kept.join('') } } };
}

/** A candidate, with or without `a=`, without its related address; undefined if it is not a relay's. */
function relayed(candidate: string): string | undefined {
  if (!/ typ relay(\s|$)/.test(candidate)) return undefined;
  return candidate.replace(/ raddr \S+ rport \d+/, ' raddr 0.0.0.0 rport 0');
}
