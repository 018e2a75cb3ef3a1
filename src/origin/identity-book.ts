// The persistent IDs of one origin, and which of them a Peer may have. Whether one is alive only the engine host knows.
import type { Identity } from '../protocol/control-messages';
import { createIdentity } from '../protocol/identity';

/** Stored under `identity:<origin>`. */
export interface IdentityBook {
  /** For Peers that name no ID; the first is the origin's own, the others serve Peers and tabs beside it. */
  anonymous: Identity[];
  /** IDs that the origin's pages named, the latest used last. */
  named: Identity[];
}

/** What a Peer asks for. `leased`: the ID is not the page's choice but what the Peer had before. */
export interface IdentityWish {
  requestedId?: string | undefined;
  leased?: boolean | undefined;
}

export interface Leases {
  /** What this tab's Peers took before, in their order. */
  own: readonly string[];
  elsewhere: ReadonlySet<string>;
}

/** A site whose Peers fill more tabs than this at once gets IDs that are forgotten. */
export const MOST_ANONYMOUS = 64;
/** A page that names a new ID at each visit would fill the store; a person owns far fewer IDs at one site than this. */
export const MOST_NAMED = 64;

/** The IDs that a Peer may have, best first. Empty only where it named none and none is free. */
export function candidates(book: IdentityBook, wish: IdentityWish, leases: Leases): Identity[] {
  const { requestedId, leased } = wish;
  if (requestedId === undefined) return freeIdentities(book.anonymous, leases);
  const known = leased ? [...book.anonymous, ...book.named] : book.named;
  return [known.find(({ id }) => id === requestedId) ?? createIdentity(requestedId)];
}

/** The book after a Peer took `identity`; the same object where nothing changes. */
export function withIdentity(book: IdentityBook, identity: Identity, named: boolean, leases: Leases): IdentityBook {
  return named ? withNamed(book, identity) : withAnonymous(book, identity, leases);
}

/** The book without an ID that the user wants forgotten. */
export function withoutIdentity({ anonymous, named }: IdentityBook, forgotten: string): IdentityBook {
  const isKept = ({ id }: Identity): boolean => id !== forgotten;
  return { anonymous: anonymous.filter(isKept), named: named.filter(isKept) };
}

/** The stored record, or an empty book. */
export function parseBook(record: unknown): IdentityBook {
  const { anonymous, named } = (record ?? {}) as Partial<IdentityBook>;
  return { anonymous: Array.isArray(anonymous) ? anonymous : [], named: Array.isArray(named) ? named : [] };
}

function freeIdentities(identities: Identity[], leases: Leases): Identity[] {
  const own = leases.own.flatMap((leased) => identities.filter(({ id }) => id === leased));
  const free = identities.filter(({ id }) => !leases.own.includes(id) && !leases.elsewhere.has(id));
  return [...own, ...free];
}

function withNamed(book: IdentityBook, identity: Identity): IdentityBook {
  if (isSame(book.named.at(-1), identity)) return book;
  const others = book.named.filter(({ id }) => id !== identity.id);
  return { ...book, named: [...others, identity].slice(-MOST_NAMED) };
}

/**
 * A new identity goes before the first that no tab has: the host passed that one over, because somebody else holds it
 * at PeerServer, and it would be tried in vain at every start of the browser.
 */
function withAnonymous(book: IdentityBook, identity: Identity, leases: Leases): IdentityBook {
  const { anonymous } = book;
  if (anonymous.some((known) => isSame(known, identity))) return book;
  const passedOver = anonymous.findIndex(({ id }) => !leases.own.includes(id) && !leases.elsewhere.has(id));
  const place = passedOver < 0 ? anonymous.length : passedOver;
  const changed = [...anonymous.slice(0, place), identity, ...anonymous.slice(place)];
  return { ...book, anonymous: changed.slice(0, MOST_ANONYMOUS) };
}

function isSame(one: Identity | undefined, other: Identity): boolean {
  return one?.id === other.id && one.secret === other.secret;
}
