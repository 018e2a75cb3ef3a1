import { describe, expect, it } from 'vitest';
import {
  candidates,
  MAX_CONTAINERS,
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
  it('are empty if no ID is kept', () => {
    expect(candidates(makeBook(), {}, makeLeases())).toEqual([]);
  });

  it('begin with the tab’s former IDs, in their order', () => {
    expect(candidates(makeBook({ anonymous: [a, b, c] }), {}, makeLeases(['c', 'b']))).toEqual([c, b, a]);
  });

  it('leave out the IDs of other tabs', () => {
    expect(candidates(makeBook({ anonymous: [a, b] }), {}, makeLeases([], ['a']))).toEqual([b]);
  });

  it('include an ID of the tab even if another tab has it too', () => {
    expect(candidates(makeBook({ anonymous: [a, b] }), {}, makeLeases(['a'], ['a']))).toEqual([a, b]);
  });

  it('are the kept identity for a named ID', () => {
    expect(candidates(makeBook({ named: [a, b] }), { requestedId: 'b' }, makeLeases())).toEqual([b]);
  });

  it('are a new identity for a named ID that is not kept', () => {
    const [identity] = candidates(makeBook({ anonymous: [a] }), { requestedId: 'a' }, makeLeases());
    expect(identity).toMatchObject({ id: 'a', secret: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
  });

  it('are the anonymous identity for an ID that the Peer had before', () => {
    const book = makeBook({ anonymous: [a], named: [{ id: 'a', secret: 'another' }] });
    expect(candidates(book, { requestedId: 'a', leased: true }, makeLeases())).toEqual([a]);
  });
});

describe('withIdentity', () => {
  it('appends a new anonymous identity after those in use', () => {
    const book = withIdentity(makeBook({ anonymous: [a] }), b, false, makeLeases(['a']));
    expect(book.anonymous).toEqual([a, b]);
  });

  it('puts a new anonymous identity before a free one that was passed over', () => {
    const book = withIdentity(makeBook({ anonymous: [a, b] }), c, false, makeLeases([], ['a']));
    expect(book.anonymous).toEqual([a, c, b]);
  });

  it('changes nothing for a known identity', () => {
    const book = makeBook({ anonymous: [a], named: [b] });
    expect(withIdentity(book, a, false, makeLeases())).toBe(book);
    expect(withIdentity(book, b, true, makeLeases())).toBe(book);
  });

  it('moves a named identity that is used again to the end', () => {
    expect(withIdentity(makeBook({ named: [a, b] }), a, true, makeLeases()).named).toEqual([b, a]);
  });

  it('drops the least recently used named identity', () => {
    let book = makeBook();
    for (let number = 0; number < 70; number++) {
      book = withIdentity(book, makeIdentity(`named-${number}`), true, makeLeases());
    }
    expect(book.named).toHaveLength(64);
    expect(book.named[0]?.id).toBe('named-6');
  });

  it('keeps the first anonymous identities if there are too many', () => {
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
  it('reads a missing or damaged record as an empty book', () => {
    expect(parseBook(undefined)).toEqual(makeBook());
    expect(parseBook({ anonymous: 'x' })).toEqual(makeBook());
    for (const containers of [null, 'x', { work: null }]) expect(parseBook({ containers }, 'work')).toEqual(makeBook());
  });
});

describe('an identity record with containers', () => {
  const [a, b] = [makeIdentity('a'), makeIdentity('b')];

  it('has the containers’ books beside that of other tabs', () => {
    const record = withBook(
      withBook(undefined, undefined, makeBook({ anonymous: [a] })),
      'work',
      makeBook({ named: [b] }),
    );
    expect(parseBook(record)).toEqual(makeBook({ anonymous: [a] }));
    expect(parseBook(record, 'work')).toEqual(makeBook({ named: [b] }));
    expect(parseBook(withBook(record, undefined, makeBook()), 'work')).toEqual(makeBook({ named: [b] }));
  });

  it('lists an ID of several books once', () => {
    const record = withBook(makeBook({ named: [a] }), 'work', makeBook({ named: [a, b] }));
    expect(wholeBook(record)).toEqual(makeBook({ named: [a, b] }));
  });

  it('keeps the books that changed last if there are too many', () => {
    const names = Array.from({ length: MAX_CONTAINERS }, (_, number) => `container-${number}`);
    const full = names.reduce<unknown>(
      (record, name) => withBook(record, name, makeBook({ anonymous: [a] })),
      undefined,
    );
    const changed = withBook(full, names[0], makeBook({ anonymous: [a, b] }));
    const { containers } = withBook(changed, 'another', makeBook({ anonymous: [b] }));
    expect(Object.keys(containers!)).toEqual([...names.slice(2), names[0], 'another']);
  });
});
