import { describe, expect, it } from 'vitest';
import { derivePeerToken } from '../../../../src/engine/signalling/peer-token';

const SECRET = '000102030405060708090a0b0c0d0e0f';
const SERVER = 'wss://one.example:443/peerjs?key=peerjs';

describe('derivePeerToken', () => {
  it('returns the first 128 bits of SHA-256 over secret and server', async () => {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${SECRET} ${SERVER}`));
    expect(await derivePeerToken(SECRET, SERVER)).toBe(Buffer.from(digest).toString('hex').slice(0, 32));
  });

  it('returns the same token for the same secret and server', async () => {
    // This value must never change: IDs stay reclaimable after an update only with the same token.
    expect(await derivePeerToken(SECRET, SERVER)).toBe('9b455f8d0d956210a395f2bf069e1dfa');
  });

  it('returns different tokens for different servers', async () => {
    expect(await derivePeerToken(SECRET, SERVER)).not.toBe(await derivePeerToken(SECRET, SERVER.replace('one', 'two')));
  });

  it('returns different tokens for different secrets', async () => {
    expect(await derivePeerToken(SECRET, SERVER)).not.toBe(await derivePeerToken(SECRET.replace('0f', '0e'), SERVER));
  });

  it('returns a token that contains no part of the secret', async () => {
    expect(await derivePeerToken(SECRET, SERVER)).not.toContain(SECRET.slice(0, 8));
  });
});
