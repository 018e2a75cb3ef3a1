import { describe, expect, it, vi } from 'vitest';
import { derivePeerToken } from '../../../../src/engine/signalling/peer-token';
import { serverUrl } from '../../../../src/protocol/peer-server';
import { hostedWorld } from '../../../support/fakes/hosted-world';
import { connectionCreate, peerStart as startMessage } from '../../../support/fakes/page-messages';
import { siteDocument } from '../../../support/fakes/site-documents';
import { settled } from '../../../support/fakes/settled';
import {
  peerStart,
  identity,
  admitted,
  named,
  cloud,
  ownServer,
  makePeer,
  register,
  makeRegistered,
} from '../../../support/fakes/hosted-peer';

describe('HostedPeer registers', () => {
  it('under the first admitted ID', () => {
    const { peer, sockets, leases } = makePeer();
    void register(peer, peerStart(), admitted('one', 'two'));
    expect(sockets.last.id).toBe('one');
    sockets.last.welcome();
    expect(leases).toEqual([{ id: 'one', named: false }]);
  });

  it('leases the ID only after the server has confirmed it', () => {
    const { peer, sockets, leases } = makePeer();
    void register(peer, peerStart(), admitted('one'));
    sockets.last.open();
    expect(leases).toEqual([]);
    sockets.last.receive({ type: 'OPEN' });
    sockets.last.echo();
    expect(leases).toEqual([{ id: 'one', named: false }]);
  });

  it('leases an ID that the page requested as a named one', () => {
    const { leases } = makeRegistered('mine', named('mine'));
    expect(leases).toEqual([{ id: 'mine', named: true }]);
  });

  it('under the next admitted ID if the first is in use', () => {
    const world = hostedWorld();
    void register(makePeer(world).peer, peerStart(), admitted('one', 'two'));
    void register(makePeer(world).peer, peerStart(), admitted('one', 'two'));
    expect(world.sockets.made.map(({ id }) => id)).toEqual(['one', 'two']);
  });

  it('under a new ID if all admitted IDs are in use', () => {
    const world = hostedWorld();
    void register(makePeer(world).peer, peerStart(), admitted('one'));
    void register(makePeer(world).peer, peerStart(), admitted('one'));
    expect(world.sockets.last.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('posts `peer.open` with the epoch of the attempt', () => {
    const { page } = makeRegistered('me', peerStart({ epoch: 7 }));
    expect(page.received.at(-1)).toEqual({ type: 'peer.open', peerKey: 1, epoch: 7, peerId: 'me' });
  });

  it('with the token that the page passed', () => {
    const { peer, sockets } = makePeer();
    void register(peer, peerStart({ token: 'mine' }), admitted('me'));
    expect(sockets.last.token).toBe('mine');
  });

  it('with a token derived for the server if the page passed none, never with the secret', async () => {
    const { peer, sockets } = makePeer();
    const { token: _, ...start } = peerStart();
    await register(peer, start, admitted('me'));
    expect(sockets.last.token).toBe(await derivePeerToken('0'.repeat(32), serverUrl(admitted().server)));
  });

  it('only once if one start follows another', async () => {
    const { peer, sockets } = makePeer();
    const { token: _, ...start } = peerStart();
    const first = register(peer, start, admitted('me'));
    await Promise.all([first, register(peer, { ...start, epoch: 2 }, undefined)]);
    expect(sockets.made).toHaveLength(1);
  });

  it('never registers if it is destroyed meanwhile', async () => {
    const { peer, sockets } = makePeer();
    const { token: _, ...start } = peerStart();
    const started = register(peer, start, admitted('me'));
    peer.destroy();
    await started;
    expect(sockets.made).toHaveLength(0);
  });

  // `reconnect(); disconnect()`: both messages come while the token is being computed.
  it('never registers if it is disconnected meanwhile', async () => {
    const { peer, sockets } = makePeer();
    const { token: _, ...start } = peerStart();
    const started = register(peer, start, admitted('me'));
    peer.disconnect();
    await started;
    expect(sockets.made).toHaveLength(0);
  });
});

describe('HostedPeer whose server refuses it', () => {
  it.each([
    [{ type: 'INVALID-KEY' }, { type: 'invalid-key', message: 'API KEY "peerjs" is invalid' }],
    [
      { type: 'ERROR', payload: { msg: 'Invalid key provided' } },
      { type: 'server-error', message: 'Invalid key provided' },
    ],
    [{ type: 'ERROR' }, { type: 'server-error', message: 'PeerServer reported an error.' }],
  ])('reports why: %j', (message, error) => {
    const { peer, page, sockets } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    sockets.last.open();
    sockets.last.receive(message);
    expect(page.received.at(-1)).toEqual({ type: 'peer.failed', peerKey: 1, epoch: 1, error });
    expect(sockets.last.isClosed).toBe(true);
  });
});

describe('HostedPeer that loses its socket', () => {
  it('before it has an ID fails as PeerJS does without a server', () => {
    const { peer, page, sockets } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    sockets.last.drop();
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.failed', error: { type: 'server-error' } });
  });

  it.each([
    ['/', 'signal.example', true],
    ['/app/', 'signal.example', false],
    ['/', '0.peerjs.com', false],
  ])('and has the path %s at %s hints at a wrong path: %s', (path, host, isHinted) => {
    const { peer, page, sockets } = makePeer();
    const admission = admitted('me');
    void register(peer, peerStart(), { ...admission, server: { ...admission.server, path, host } });
    sockets.last.drop();
    const [failed] = page.ofType('peer.failed') as { error: { message: string } }[];
    expect(failed!.error.message.includes('same path')).toBe(isHinted);
  });

  it('before it is registered under a requested ID reports `peer.lost`', () => {
    const { peer, page, sockets } = makePeer();
    void register(peer, named('mine'), admitted('mine'));
    sockets.last.drop();
    expect(page.received.at(-1)).toEqual({ type: 'peer.lost', peerKey: 1, epoch: 1, peerId: 'mine' });
  });

  it('after it was registered reports `peer.lost` once and keeps its connections', async () => {
    const { peer, page, socket, connections } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    socket.drop();
    expect(page.ofType('peer.lost')).toEqual([{ type: 'peer.lost', peerKey: 1, epoch: 1, peerId: 'me' }]);
    expect(connections).toHaveLength(1);
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it('registers again under its ID without asking the background', () => {
    const { peer, socket, sockets, page, leases } = makeRegistered();
    socket.drop();
    const again = peerStart({ requestedId: 'me', leased: true, epoch: 2 });
    expect(peer.canRestart(again)).toBe(true);
    void register(peer, again, undefined);
    sockets.last.welcome();
    expect(sockets.last.id).toBe('me');
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.open', epoch: 2, peerId: 'me' });
    // The lease is repeated for each registration, with the same ID.
    expect(leases).toEqual([
      { id: 'me', named: false },
      { id: 'me', named: false },
    ]);
  });

  it('asks the background for another ID', () => {
    const { peer } = makeRegistered();
    expect(peer.canRestart(named('another'))).toBe(false);
    expect(peer.canRestart(peerStart())).toBe(false);
  });

  // The background also decides about servers: a server in the user's own network needs a decision of its own.
  it('asks the background for another server', () => {
    const { peer } = makeRegistered();
    const server = { host: '192.168.1.1', port: 80, path: '/', key: 'peerjs', secure: false };
    expect(peer.canRestart(peerStart({ requestedId: 'me', leased: true, server }))).toBe(false);
  });
});

describe('HostedPeer that waits for its admission', () => {
  it('is wanted until it disconnects, ends or starts again', () => {
    const { peer } = makePeer();
    const first = peer.beginStart(peerStart());
    expect(first.isWanted).toBe(true);
    const second = peer.beginStart(peerStart({ epoch: 2 }));
    expect([first.isWanted, second.isWanted]).toEqual([false, true]);
    void register(peer, peerStart({ epoch: 3 }), admitted('me'));
    expect(second.isWanted).toBe(false);
  });

  it.each(['disconnect', 'destroy'] as const)('is not wanted after %s', (end) => {
    const { peer } = makePeer();
    const attempt = peer.beginStart(peerStart());
    peer[end]();
    expect(attempt.isWanted).toBe(false);
  });

  it('dials no server', async () => {
    const { peer, sockets, environment } = makePeer();
    peer.beginStart(peerStart());
    await settled();
    expect(sockets.made).toEqual([]);
    expect(environment.idsInUse.claim(siteDocument().site, serverUrl(admitted().server), 'me', {})).toBe(true);
  });

  it('is not in the live view, because it has no server', () => {
    const { peer } = makePeer();
    peer.beginStart(peerStart());
    expect(peer.liveFacts()).toBeUndefined();
    expect(peer.address).toEqual({ server: undefined, peerId: undefined });
  });
});

describe('HostedPeer at a server of the user’s own', () => {
  function makeOwn(start = peerStart({ server: cloud }), server = ownServer) {
    const made = makePeer(hostedWorld(), start);
    void register(made.peer, start, { ...admitted('me', 'other'), server, isOwnServer: true });
    return { ...made, socket: made.sockets.last };
  }

  it('gives no hint about the path if it does not answer', () => {
    const { page, sockets } = makeOwn(peerStart({ server: cloud }), { ...ownServer, path: '/' });
    sockets.last.drop();
    expect(page.ofType('peer.failed')).toMatchObject([{ error: { message: 'Could not get an ID from the server.' } }]);
  });

  it('derives the token for that server', async () => {
    const start = startMessage({ server: cloud });
    const made = makeOwn(start);
    await vi.waitFor(() => expect(made.sockets.made).toHaveLength(1));
    const token = await derivePeerToken(identity('me').secret, serverUrl(ownServer));
    expect(made.sockets.last.url).toContain(`token=${token}`);
  });

  it('reconnects to it without asking the background', () => {
    const { peer, sockets } = makeOwn();
    sockets.last.welcome();
    const again = peerStart({ server: cloud, requestedId: 'me', leased: true, epoch: 2 });
    expect(peer.canRestart(again)).toBe(true);
    void register(peer, again, undefined);
    expect(sockets.last.url).toContain('own.example:9000');
    expect(sockets.made).toHaveLength(2);
  });

  it('stays at that server if an ID is taken', async () => {
    const { sockets } = makeOwn();
    sockets.last.receive({ type: 'ID-TAKEN' });
    await settled();
    expect(sockets.last.url).toContain('wss://own.example:9000/mine/peerjs?key=own-key&id=other');
  });

  it('does not reveal a refused key to the page', () => {
    const { page, sockets } = makeOwn();
    sockets.last.receive({ type: 'INVALID-KEY' });
    expect(page.ofType('peer.failed')).toMatchObject([{ error: { type: 'invalid-key' } }]);
    expect(JSON.stringify(page.received)).not.toContain('own-key');
  });

  it('moves to another server if a later admission names one', () => {
    const { peer, sockets } = makeOwn();
    void register(peer, peerStart({ server: cloud, epoch: 2 }), { ...admitted('me'), server: cloud });
    expect(sockets.last.url).toContain('wss://0.peerjs.com:443/');
  });
});
