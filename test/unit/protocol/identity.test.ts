import { describe, expect, it } from 'vitest';
import { createIdentity, randomHex } from '../../../src/protocol/identity';

describe('createIdentity', () => {
  it('makes a UUID, like PeerServer, and a secret of 128 bits', () => {
    const { id, secret } = createIdentity();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(secret).toMatch(/^[0-9a-f]{32}$/);
  });

  it('keeps a given ID', () => {
    expect(createIdentity('mine')).toMatchObject({ id: 'mine' });
  });

  it('makes a new ID and a new secret each time', () => {
    const identities = Array.from({ length: 100 }, () => createIdentity());
    expect(new Set(identities.flatMap(({ id, secret }) => [id, secret])).size).toBe(200);
  });
});

describe('randomHex', () => {
  it('keeps leading zeros', () => {
    const lengths = Array.from({ length: 200 }, () => randomHex().length);
    expect(new Set(lengths)).toEqual(new Set([32]));
  });
});
