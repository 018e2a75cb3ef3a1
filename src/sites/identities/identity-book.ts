// The persistent IDs of one site, and the rules for which of them a Peer may have. Only the engine host knows which IDs
// are in use.
import type { Identity } from '../../protocol/control-messages';
import { createIdentity } from '../../protocol/identity';
import type { SiteMark } from './site-mark';

export interface IdentityBook {
  /** IDs for Peers that request none. The first is the site's main ID; the others serve further Peers and tabs. */
  anonymous: Identity[];
  /** IDs that the site's pages requested by name, the latest used last. */
  named: Identity[];
  /**
   * The mark in the site's own storage, to notice that the storage was cleared. Absent until a document has been asked
   * for it.
   */
  mark?: SiteMark;
}

/** Stored under `identity:<grant key>`: the book of tabs outside containers, and the books of containers. */
export interface IdentityRecord extends IdentityBook {
  /** Firefox: the books of containers by name, the latest changed last. */
  containers?: Record<string, IdentityBook>;
}

/** What a Peer asks for. `leased`: the page did not choose the ID; the Peer had it before. */
export interface IdentityWish {
  requestedId?: string | undefined;
  leased?: boolean | undefined;
}

export interface Leases {
  /** IDs that this tab's Peers took before, in order. */
  own: readonly string[];
  elsewhere: ReadonlySet<string>;
}

/** Further IDs of a site with more Peers than this at once are not kept. */
export const MAX_ANONYMOUS = 64;
/** Bounds the store against a page that requests a new ID at each visit. A person has far fewer IDs at one site. */
export const MAX_NAMED = 64;
/**
 * Bounds the store, because no event tells that a container was removed, and some extensions make one for each visit.
 */
export const MAX_CONTAINERS = 32;

/** The IDs that a Peer may have, best first. Empty only if the Peer requested no ID and no kept ID is free. */
export function candidates(book: IdentityBook, wish: IdentityWish, leases: Leases): Identity[] {
  const { requestedId, leased } = wish;
  if (requestedId === undefined) return freeIdentities(book.anonymous, leases);
  const known = leased ? [...book.anonymous, ...book.named] : book.named;
  return [known.find(({ id }) => id === requestedId) ?? createIdentity(requestedId)];
}

/** The book after a Peer took `identity`; the same object if nothing changes. */
export function withIdentity(book: IdentityBook, identity: Identity, named: boolean, leases: Leases): IdentityBook {
  return named ? withNamed(book, identity) : withAnonymous(book, identity, leases);
}

function withoutIdentity(book: IdentityBook, forgotten: string): IdentityBook {
  const isKept = ({ id }: Identity): boolean => id !== forgotten;
  return { ...book, anonymous: book.anonymous.filter(isKept), named: book.named.filter(isKept) };
}

function withReset(book: IdentityBook, reset: string): IdentityBook {
  return {
    ...book,
    anonymous: book.anonymous.map((identity) => (identity.id === reset ? createIdentity() : identity)),
  };
}

/** The book of this container, or of tabs outside containers (undefined). Empty if the record has none. */
export function parseBook(record: unknown, container?: string): IdentityBook {
  const stored = container === undefined ? record : containersOf(record)[container];
  const { anonymous, named, mark } = (stored ?? {}) as Partial<IdentityBook>;
  return {
    anonymous: Array.isArray(anonymous) ? anonymous : [],
    named: Array.isArray(named) ? named : [],
    ...(isMark(mark) && { mark }),
  };
}

/** The record with this book as that of the container, or of tabs outside containers (undefined). */
export function withBook(record: unknown, container: string | undefined, book: IdentityBook): IdentityRecord {
  const kept = booksInContainers(record).filter(([other]) => other !== container);
  return container === undefined ? makeRecord(book, kept) : makeRecord(parseBook(record), [...kept, [container, book]]);
}

/** The record without the `forgotten` ID; undefined if no ID is left. */
export function recordWithout(record: unknown, forgotten: string): IdentityRecord | undefined {
  return changed(record, (book) => withoutIdentity(book, forgotten));
}

/**
 * The record with a new ID in place of `reset`; undefined if the record has no IDs. Does not replace an ID that a page
 * has requested by name, because the page would request it again.
 */
export function recordWithReset(record: unknown, reset: string): IdentityRecord | undefined {
  return changed(record, (book) => withReset(book, reset));
}

function changed(record: unknown, change: (book: IdentityBook) => IdentityBook): IdentityRecord | undefined {
  const own = change(parseBook(record));
  const inContainers = booksInContainers(record).map(([name, book]): [string, IdentityBook] => [name, change(book)]);
  const kept = inContainers.filter(([, book]) => !isEmpty(book));
  return isEmpty(own) && kept.length === 0 ? undefined : makeRecord(own, kept);
}

/** Every ID of the record once, inside and outside containers. */
export function wholeBook(record: unknown): IdentityBook {
  const books = [parseBook(record), ...booksInContainers(record).map(([, book]) => book)];
  const each = (identities: Identity[]): Identity[] => [...new Map(identities.map((one) => [one.id, one])).values()];
  return {
    anonymous: each(books.flatMap(({ anonymous }) => anonymous)),
    named: each(books.flatMap(({ named }) => named)),
  };
}

/** The containers' books, in the record's order. */
function booksInContainers(record: unknown): [container: string, book: IdentityBook][] {
  return Object.keys(containersOf(record)).map((container) => [container, parseBook(record, container)]);
}

function containersOf(record: unknown): Record<string, unknown> {
  const { containers } = (record ?? {}) as { containers?: unknown };
  return typeof containers === 'object' && containers !== null ? (containers as Record<string, unknown>) : {};
}

function makeRecord(own: IdentityBook, inContainers: [string, IdentityBook][]): IdentityRecord {
  if (inContainers.length === 0) return own;
  return { ...own, containers: Object.fromEntries(inContainers.slice(-MAX_CONTAINERS)) };
}

function isMark(mark: unknown): mark is SiteMark {
  const { value, countsFrom } = (mark ?? {}) as Partial<SiteMark>;
  return typeof value === 'string' && typeof countsFrom === 'number';
}

function isEmpty({ anonymous, named }: IdentityBook): boolean {
  return anonymous.length + named.length === 0;
}

function freeIdentities(identities: Identity[], leases: Leases): Identity[] {
  const own = leases.own.flatMap((leased) => identities.filter(({ id }) => id === leased));
  const free = identities.filter(({ id }) => !leases.own.includes(id) && !leases.elsewhere.has(id));
  return [...own, ...free];
}

function withNamed(book: IdentityBook, identity: Identity): IdentityBook {
  if (isSame(book.named.at(-1), identity)) return book;
  const others = book.named.filter(({ id }) => id !== identity.id);
  return { ...book, named: [...others, identity].slice(-MAX_NAMED) };
}

/**
 * Inserts a new identity before the first one that no tab has. The host passed that one over, because another owner
 * holds it at PeerServer, so it would fail at every start of the browser if it came first.
 */
function withAnonymous(book: IdentityBook, identity: Identity, leases: Leases): IdentityBook {
  const { anonymous } = book;
  if (anonymous.some((known) => isSame(known, identity))) return book;
  const passedOver = anonymous.findIndex(({ id }) => !leases.own.includes(id) && !leases.elsewhere.has(id));
  const place = passedOver < 0 ? anonymous.length : passedOver;
  const changed = [...anonymous.slice(0, place), identity, ...anonymous.slice(place)];
  return { ...book, anonymous: changed.slice(0, MAX_ANONYMOUS) };
}

function isSame(one: Identity | undefined, other: Identity): boolean {
  return one?.id === other.id && one.secret === other.secret;
}
