import { describe, expect, it } from 'vitest';
import {
  candidates,
  MOST_CONTAINERS,
  parseBook,
  wholeBook,
  withBook,
  withIdentity,
  type IdentityBook,
  type Leases,
} from '../../../../src/sites/identities/identity-book';
import type { Identity } from '../../../../src/protocol/control-messages';

const a = makeIdentity('a');
const b = makeIdentity('b');
const c = makeIdentity('c');

function makeIdentity(id: string): Identity {
  return { id, secret: `secret of ${id}` };
}

function makeBook(book: Partial<IdentityBook> = {}): IdentityBook {
  return { anonymous: [], named: [], ...book };
}

function makeLeases(own: string[] = [], elsewhere: string[] = []): Leases {
  return { own, elsewhere: new Set(elsewhere) };
}

describe('candidates', () => {
  it('are none where nothing is kept', () => {
    expect(candidates(makeBook(), {}, makeLeases())).toEqual([]);
  });

  it('begin with what the tab had, in its order', () => {
    expect(candidates(makeBook({ anonymous: [a, b, c] }), {}, makeLeases(['c', 'b']))).toEqual([c, b, a]);
  });

  it('leave out what other tabs have', () => {
    expect(candidates(makeBook({ anonymous: [a, b] }), {}, makeLeases([], ['a']))).toEqual([b]);
  });

  it('keep what the tab had even if another tab has it too', () => {
    expect(candidates(makeBook({ anonymous: [a, b] }), {}, makeLeases(['a'], ['a']))).toEqual([a, b]);
  });

  it('are the kept identity for a named ID', () => {
    expect(candidates(makeBook({ named: [a, b] }), { requestedId: 'b' }, makeLeases())).toEqual([b]);
  });

  it('are a new identity for a named ID that is not kept', () => {
    const [identity] = candidates(makeBook({ anonymous: [a] }), { requestedId: 'a' }, makeLeases());
    expect(identity).toMatchObject({ id: 'a', secret: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
  });

  it('are the anonymous identity for an ID that the Peer had leased', () => {
    const book = makeBook({ anonymous: [a], named: [{ id: 'a', secret: 'another' }] });
    expect(candidates(book, { requestedId: 'a', leased: true }, makeLeases())).toEqual([a]);
  });
});

describe('withIdentity', () => {
  it('appends a new anonymous identity behind those in use', () => {
    const book = withIdentity(makeBook({ anonymous: [a] }), b, false, makeLeases(['a']));
    expect(book.anonymous).toEqual([a, b]);
  });

  it('prefers a new anonymous identity to one that was free and passed over', () => {
    const book = withIdentity(makeBook({ anonymous: [a, b] }), c, false, makeLeases([], ['a']));
    expect(book.anonymous).toEqual([a, c, b]);
  });

  it('changes nothing for an identity it has', () => {
    const book = makeBook({ anonymous: [a], named: [b] });
    expect(withIdentity(book, a, false, makeLeases())).toBe(book);
    expect(withIdentity(book, b, true, makeLeases())).toBe(book);
  });

  it('moves a named identity that is used again to the end', () => {
    expect(withIdentity(makeBook({ named: [a, b] }), a, true, makeLeases()).named).toEqual([b, a]);
  });

  it('drops the named identity that was not used for longest', () => {
    let book = makeBook();
    for (let number = 0; number < 70; number++) {
      book = withIdentity(book, makeIdentity(`named-${number}`), true, makeLeases());
    }
    expect(book.named).toHaveLength(64);
    expect(book.named[0]?.id).toBe('named-6');
  });

  it('keeps the first anonymous identities where there are too many', () => {
    let book = makeBook();
    const own: string[] = [];
    for (let number = 0; number < 70; number++) {
      book = withIdentity(book, makeIdentity(`${number}`), false, makeLeases([...own]));
      own.push(`${number}`);
    }
    expect(book.anonymous).toHaveLength(64);
    expect(book.anonymous[0]?.id).toBe('0');
  });
});

describe('parseBook', () => {
  it('takes a missing or damaged record for an empty book', () => {
    expect(parseBook(undefined)).toEqual(makeBook());
    expect(parseBook({ anonymous: 'x' })).toEqual(makeBook());
    for (const containers of [null, 'x', { work: null }]) expect(parseBook({ containers }, 'work')).toEqual(makeBook());
  });
});

describe('a record with books of containers', () => {
  const [a, b] = [makeIdentity('a'), makeIdentity('b')];

  it('has them beside the book of other tabs', () => {
    const record = withBook(
      withBook(undefined, undefined, makeBook({ anonymous: [a] })),
      'work',
      makeBook({ named: [b] }),
    );
    expect(parseBook(record)).toEqual(makeBook({ anonymous: [a] }));
    expect(parseBook(record, 'work')).toEqual(makeBook({ named: [b] }));
    expect(parseBook(withBook(record, undefined, makeBook()), 'work')).toEqual(makeBook({ named: [b] }));
  });

  it('lists an ID once that is in several', () => {
    const record = withBook(makeBook({ named: [a] }), 'work', makeBook({ named: [a, b] }));
    expect(wholeBook(record)).toEqual(makeBook({ named: [a, b] }));
  });

  it('keeps those that changed last, where there are many', () => {
    const names = Array.from({ length: MOST_CONTAINERS }, (_, number) => `container-${number}`);
    const full = names.reduce<unknown>(
      (record, name) => withBook(record, name, makeBook({ anonymous: [a] })),
      undefined,
    );
    const changed = withBook(full, names[0], makeBook({ anonymous: [a, b] }));
    const { containers } = withBook(changed, 'another', makeBook({ anonymous: [b] }));
    expect(Object.keys(containers!)).toEqual([...names.slice(2), names[0], 'another']);
  });
});
