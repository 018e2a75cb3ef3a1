import { describe, expect, it } from 'vitest';
import { LiveIds } from '../../../src/engine/live-ids';

const SERVER = 'wss://one.example:443/peerjs?key=peerjs';
const OTHER = 'wss://two.example:443/peerjs?key=peerjs';

describe('LiveIds', () => {
  it('gives an ID to one owner at a time', () => {
    const ids = new LiveIds();
    expect(ids.claim(SERVER, 'id', {})).toBe(true);
    expect(ids.claim(SERVER, 'id', {})).toBe(false);
  });

  it('lets an owner claim again what it has', () => {
    const ids = new LiveIds();
    const owner = {};
    ids.claim(SERVER, 'id', owner);
    expect(ids.claim(SERVER, 'id', owner)).toBe(true);
  });

  it('tells servers apart', () => {
    const ids = new LiveIds();
    ids.claim(SERVER, 'id', {});
    expect(ids.claim(OTHER, 'id', {})).toBe(true);
  });

  it('frees an ID for others when its owner lets go', () => {
    const ids = new LiveIds();
    const owner = {};
    ids.claim(SERVER, 'id', owner);
    ids.release(SERVER, 'id', owner);
    expect(ids.claim(SERVER, 'id', {})).toBe(true);
  });

  it('lets nobody free what is not theirs', () => {
    const ids = new LiveIds();
    ids.claim(SERVER, 'id', {});
    ids.release(SERVER, 'id', {});
    expect(ids.claim(SERVER, 'id', {})).toBe(false);
  });
});
