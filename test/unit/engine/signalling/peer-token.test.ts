import { describe, expect, it } from 'vitest';
import { derivePeerToken } from '../../../../src/engine/signalling/peer-token';

const SECRET = '000102030405060708090a0b0c0d0e0f';
const SERVER = 'wss://one.example:443/peerjs?key=peerjs';

describe('derivePeerToken', () => {
  it('is the head of SHA-256 over secret and server', async () => {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${SECRET} ${SERVER}`));
    expect(await derivePeerToken(SECRET, SERVER)).toBe(Buffer.from(digest).toString('hex').slice(0, 32));
  });

  it('stays the same for a secret and a server', async () => {
    // Kept tokens make IDs reclaimable after an update: this value must never change.
    expect(await derivePeerToken(SECRET, SERVER)).toBe('9b455f8d0d956210a395f2bf069e1dfa');
  });

  it('differs by server', async () => {
    expect(await derivePeerToken(SECRET, SERVER)).not.toBe(await derivePeerToken(SECRET, SERVER.replace('one', 'two')));
  });

  it('differs by secret', async () => {
    expect(await derivePeerToken(SECRET, SERVER)).not.toBe(await derivePeerToken(SECRET.replace('0f', '0e'), SERVER));
  });

  it('holds nothing of the secret', async () => {
    expect(await derivePeerToken(SECRET, SERVER)).not.toContain(SECRET.slice(0, 8));
  });
});
