// What may be signalled to a remote peer where the user wants relays only: no address of this browser, neither as a
// candidate nor as the origin of one. A connection that was made so gathers none; this is for what an earlier one has
// kept to be sent again, and for browsers that tell where they stand behind a relay.
import type { ClientMessage } from '../../protocol/signalling';

/** The message with relayed candidates alone; undefined where that leaves nothing to say. */
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

/** A candidate, as attribute or by itself, without its related address; undefined where it is not a relay's. */
function relayed(candidate: string): string | undefined {
  if (!/ typ relay(\s|$)/.test(candidate)) return undefined;
  return candidate.replace(/ raddr \S+ rport \d+/, ' raddr 0.0.0.0 rport 0');
}
