// Refuses the kinds of connection that the user has switched off for an allowed site.
import type { Conditions } from '../../protocol/control-messages';

export type Kind = keyof Conditions['allows'];

const SENTENCES: Record<Kind, string> = {
  data: 'The user does not allow this site data connections. They can allow them in Peerport; tell them what the page needs them for.',
  calls:
    'The user does not allow this site calls. They can allow them in Peerport; tell them what the page needs them for.',
};

/** Undefined: allowed. Before the first admission nothing is refused, because nothing can be sent then either. */
export function refusalOf(kind: Kind, conditions: Conditions | undefined): string | undefined {
  return conditions && !conditions.allows[kind] ? SENTENCES[kind] : undefined;
}

/** The kind of connection that a signal's payload belongs to. */
export function kindOf(payload: { type?: unknown }): Kind {
  return payload.type === 'media' ? 'calls' : 'data';
}
