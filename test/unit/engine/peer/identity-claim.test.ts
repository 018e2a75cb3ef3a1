import { describe, expect, it } from 'vitest';
import { hostedWorld } from '../../../support/fakes/hosted-world';
import { peerStart, admitted, named, makePeer, register, refuseAll } from '../../../support/fakes/hosted-peer';

describe('HostedPeer whose ID is taken', () => {
  it('tries a new ID if the page requested none', () => {
    const { peer, page, sockets, leases } = makePeer();
    void register(peer, peerStart(), admitted('old'));
    sockets.last.open();
    sockets.last.receive({ type: 'ID-TAKEN', payload: { msg: 'ID is taken' } });
    expect(sockets.made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(sockets.last.id).not.toBe('old');
    sockets.last.welcome();
    expect(page.ofType('peer.open')).toMatchObject([{ peerId: sockets.last.id }]);
    expect(page.ofType('peer.failed')).toEqual([]);
    expect(leases).toEqual([{ id: sockets.last.id, named: false }]);
  });

  it('tries the other admitted IDs first', () => {
    const { peer, sockets, leases } = makePeer();
    void register(peer, peerStart(), admitted('one', 'two', 'three'));
    for (let n = 0; n < 2; n++) {
      sockets.last.open();
      sockets.last.receive({ type: 'ID-TAKEN' });
    }
    sockets.last.welcome();
    expect(sockets.made.map(({ id }) => id)).toEqual(['one', 'two', 'three']);
    expect(leases).toEqual([{ id: 'three', named: false }]);
  });

  it('tries three new IDs in a row, and three more after a registration', () => {
    const { peer, page, sockets } = makePeer();
    const refuse = (): void => {
      sockets.last.open();
      sockets.last.receive({ type: 'ID-TAKEN' });
    };
    for (const end of ['registered', 'refused']) {
      const before = sockets.made.length;
      void register(peer, peerStart(), admitted());
      refuse();
      refuse();
      if (end === 'registered') sockets.last.welcome();
      else refuse();
      expect(sockets.made.length - before).toBe(3);
    }
    expect(page.ofType('peer.failed')).toMatchObject([{ error: { type: 'unavailable-id' } }]);
    // A page that restarts the Peer does not reset the count.
    const before = sockets.made.length;
    void register(peer, peerStart(), admitted());
    refuse();
    expect(sockets.made.length - before).toBe(1);
  });

  it('fails with `unavailable-id` if the page requested the ID', () => {
    const { peer, page, sockets } = makePeer();
    void register(peer, named('mine', { epoch: 3 }), admitted('mine'));
    sockets.last.open();
    sockets.last.receive({ type: 'ID-TAKEN' });
    expect(sockets.made).toHaveLength(1);
    const error = { type: 'unavailable-id', message: 'ID "mine" is taken' };
    expect(page.received.at(-1)).toEqual({ type: 'peer.failed', peerKey: 1, epoch: 3, error, peerId: 'mine' });
  });

  it('fails without a dial if the site uses the ID in this browser', () => {
    const world = hostedWorld();
    void register(makePeer(world).peer, named('mine'), admitted('mine'));
    const { peer, page } = makePeer(world);
    void register(peer, named('mine'), admitted('mine'));
    expect(world.sockets.made).toHaveLength(1);
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.failed', error: { type: 'unavailable-id' } });
  });

  it('frees the taken ID for others', () => {
    const world = hostedWorld();
    const { peer } = makePeer(world);
    void register(peer, peerStart(), admitted('old'));
    world.sockets.last.open();
    world.sockets.last.receive({ type: 'ID-TAKEN' });
    void register(makePeer(world).peer, named('old'), admitted('old'));
    expect(world.sockets.last.id).toBe('old');
  });

  // A random ID is never taken. A server that reports every ID as taken would keep the host and its ID book busy.
  it('gives up if every new ID is taken too', () => {
    const { peer, page, sockets, leases } = makePeer();
    void register(peer, peerStart(), admitted('one', 'two'));
    refuseAll(sockets);
    expect(sockets.made).toHaveLength(2 + 3);
    expect(new Set(sockets.made.map(({ id }) => id)).size).toBe(2 + 3);
    expect(sockets.last.isClosed).toBe(true);
    const error = { type: 'unavailable-id', message: `ID "${sockets.last.id}" is taken` };
    expect(page.ofType('peer.failed')).toEqual([{ type: 'peer.failed', peerKey: 1, epoch: 1, error }]);
    expect(leases).toEqual([]);
  });

  // An admitted ID that another Peer uses stays a candidate, and must not keep the new IDs from being counted.
  it('gives up just as soon if another Peer uses the other admitted IDs', () => {
    const world = hostedWorld();
    void register(makePeer(world).peer, peerStart(), admitted('theirs'));
    const { peer, sockets, page } = makePeer(world);
    void register(peer, peerStart(), admitted('one', 'theirs'));
    refuseAll(sockets);
    expect(sockets.made).toHaveLength(1 + 1 + 3);
    expect(page.ofType('peer.failed')).toMatchObject([{ error: { type: 'unavailable-id' } }]);
  });
});
