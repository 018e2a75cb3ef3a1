// Which of its connections an allowed site may not have all the same: the user has not allowed it this kind.
import type { Conditions } from '../../protocol/control-messages';

export type Kind = 'data' | 'calls';

const SENTENCES: Record<Kind, string> = {
  data: 'The user does not allow this site data connections. They can allow them in Peerport; tell them what the page needs them for.',
  calls:
    'The user does not allow this site calls. They can allow them in Peerport; tell them what the page needs them for.',
};

/** Undefined: it may. Before the first admission nothing is decided, and nothing has been sent to anybody either. */
export function refusalOf(kind: Kind, conditions: Conditions | undefined): string | undefined {
  return conditions && !conditions.allows[kind] ? SENTENCES[kind] : undefined;
}

/** The kind of connection that a signalled payload is about. */
export function kindOf(payload: { type?: unknown }): Kind {
  return payload.type === 'media' ? 'calls' : 'data';
}
