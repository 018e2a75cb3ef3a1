import { describe, expect, it } from 'vitest';
import { MAX_SITE_LIMITS } from '../../../../src/protocol/host-limits';
import { serverUrl } from '../../../../src/protocol/peer-server';
import { connectionCreate } from '../../../support/fakes/page-messages';
import { siteDocument } from '../../../support/fakes/site-documents';
import { settled } from '../../../support/fakes/settled';
import {
  peerStart,
  admitted,
  named,
  makePeer,
  register,
  makeRegistered,
  offerMessage,
} from '../../../support/fakes/hosted-peer';

describe('HostedPeer that disconnects or is destroyed', () => {
  it('keeps its connections and its ID when it disconnects', async () => {
    const { peer, page, socket, environment } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    peer.disconnect();
    expect(socket.isClosed).toBe(true);
    expect(page.ofType('connection.closed')).toEqual([]);
    expect(environment.idsInUse.claim(siteDocument().site, serverUrl(admitted().server), 'me', {})).toBe(false);
  });

  it('closes its connections and frees its ID when it is destroyed', async () => {
    const { peer, page, environment, peerConnections } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    peer.destroy();
    expect(page.ofType('connection.closed')).toHaveLength(1);
    expect(peerConnections.last.signalingState).toBe('closed');
    expect(environment.idsInUse.claim(siteDocument().site, serverUrl(admitted().server), 'me', {})).toBe(true);
  });

  it('reports nothing about its socket after it is destroyed', () => {
    const { peer, page, socket } = makeRegistered();
    peer.destroy();
    const before = page.received.length;
    socket.drop();
    expect(page.received).toHaveLength(before);
  });

  it('ends once, however often it is destroyed', () => {
    const { peer, page } = makeRegistered();
    peer.connect(connectionCreate());
    peer.destroy();
    peer.destroy();
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('frees its ID on every server where it had one', () => {
    const { peer, environment } = makeRegistered();
    const { server } = admitted();
    void register(peer, named('me'), { ...admitted('me'), server: { ...server, port: 9000 } });
    peer.destroy();
    expect(environment.idsInUse.claim(siteDocument().site, serverUrl(server), 'me', {})).toBe(true);
  });
});

describe('HostedPeer connects', () => {
  it('with an offer to the remote peer', async () => {
    const { peer, socket } = makeRegistered();
    peer.connect(connectionCreate({ metadata: '{"a":[1]}', label: 'chat', reliable: true }));
    await settled();
    const payload = { type: 'data', connectionId: 'dc_1', metadata: { a: [1] }, label: 'chat', reliable: true };
    expect(socket.signals).toMatchObject([{ type: 'OFFER', dst: 'remote', payload }]);
  });

  it('refuses metadata that is not JSON, and reports it', () => {
    const { peer, page, connections } = makeRegistered();
    peer.connect(connectionCreate({ metadata: '{' }));
    expect(page.ofType('connection.error')).toMatchObject([
      { connectionKey: 1, error: { type: 'negotiation-failed' } },
    ]);
    expect(page.received.at(-1)).toEqual({ type: 'connection.closed', connectionKey: 1 });
    expect(connections).toEqual([]);
  });

  it('makes no connection with a configuration that RTCPeerConnection refuses, and reports it', () => {
    const { peer, page } = makeRegistered();
    peer.connect(connectionCreate({ config: { bundlePolicy: 'bad' } }));
    const types = page.received.slice(2).map((message) => (message as { type: string }).type);
    expect(types).toEqual(['peer.error', 'connection.error', 'connection.closed']);
    expect(page.ofType('peer.error')).toMatchObject([{ error: { type: 'webrtc', message: 'bad configuration' } }]);
  });

  it('until its site has no RTCPeerConnection left, whatever its limits', () => {
    const { peer, page, peerConnections } = makeRegistered();
    const most = MAX_SITE_LIMITS.connections;
    for (let key = 1; key <= most + 1; key++) {
      peer.connect(connectionCreate({ connectionKey: key, connectionId: `dc_${key}` }));
    }
    expect(peerConnections.made).toHaveLength(most);
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: most + 1 }]);
  });

  it('reports native failures as errors of the Peer', async () => {
    const { peer, page, socket, peerConnections } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    peerConnections.last.failures.set('setRemoteDescription', new Error('bad answer'));
    const payload = { sdp: { type: 'answer', sdp: 'x' }, connectionId: 'dc_1' };
    socket.receive({ type: 'ANSWER', src: 'remote', payload });
    await settled();
    expect(page.ofType('peer.error')).toMatchObject([{ error: { type: 'webrtc', message: 'bad answer' } }]);
  });
});

describe('HostedPeer whose remote peer', () => {
  it('is absent fails only the unanswered offers to it', async () => {
    const { peer, page, socket } = makeRegistered();
    for (const key of [1, 2]) peer.connect(connectionCreate({ connectionKey: key, connectionId: `dc_${key}` }));
    peer.connect(connectionCreate({ connectionKey: 3, remotePeerId: 'another' }));
    await settled();
    const payload = { sdp: { type: 'answer', sdp: 'remote answer' }, connectionId: 'dc_2' };
    socket.receive({ type: 'ANSWER', src: 'remote', payload });
    await settled();
    socket.receive({ type: 'EXPIRE', src: 'remote' });
    const error = { type: 'peer-unavailable', message: 'Could not connect to peer remote' };
    expect(page.ofType('peer.error')).toEqual([{ type: 'peer.error', peerKey: 1, error }]);
    expect(page.ofType('connection.error')).toEqual([{ type: 'connection.error', connectionKey: 1, error }]);
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
  });

  it('leaves has only its own connections closed', async () => {
    const { peer, page, socket } = makeRegistered();
    peer.connect(connectionCreate());
    peer.connect(connectionCreate({ connectionKey: 2, remotePeerId: 'another' }));
    await settled();
    socket.receive({ type: 'LEAVE', src: 'remote' });
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    expect(page.ofType('peer.leave')).toEqual([{ type: 'peer.leave', peerKey: 1, remotePeerId: 'remote' }]);
  });
});

describe('HostedPeer whose page is gone', () => {
  it('is parked if it is registered and has a data connection', () => {
    const { peer } = makeRegistered();
    peer.connect(connectionCreate());
    expect(peer.park()).toBe(true);
    expect(peer.liveFacts()).toMatchObject({ id: 'me', state: 'waiting' });
  });

  it('is parked even if it has left the server', () => {
    const { peer } = makeRegistered();
    peer.connect(connectionCreate());
    peer.disconnect();
    expect(peer.park()).toBe(true);
  });

  it('is not parked without a connection', () => {
    expect(makeRegistered().peer.park()).toBe(false);
  });

  it('is not parked if it was never registered', () => {
    const { peer } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    peer.connect(connectionCreate());
    expect(peer.park()).toBe(false);
  });

  it('drops a start that waits for its token', async () => {
    const { peer, sockets } = makePeer();
    const { token: _, ...start } = peerStart();
    const starting = register(peer, start, admitted('me'));
    peer.park();
    await starting;
    expect(sockets.made).toEqual([]);
  });

  it('drops a start that waits for the background', () => {
    const { peer } = makeRegistered();
    const attempt = peer.beginStart(peerStart({ epoch: 2 }));
    peer.park();
    expect(attempt.isWanted).toBe(false);
  });

  it('stays registered until the next page’s Peer comes, then surrenders its ID', () => {
    const world = makeRegistered();
    const { peer, socket } = world;
    peer.connect(connectionCreate());
    peer.park();
    expect(socket.isClosed).toBe(false);
    peer.surrender();
    expect(socket.isClosed).toBe(true);
    void register(makePeer(world).peer, named('me'), admitted('me'));
    expect(world.sockets.last.id).toBe('me');
    expect(peer.connections).toHaveLength(1);
  });

  it('does not free the next Peer’s ID when it ends after surrendering', () => {
    const world = makeRegistered();
    world.peer.park();
    world.peer.surrender();
    void register(makePeer(world).peer, named('me'), admitted('me'));
    world.peer.destroy();
    const third = makePeer(world);
    void register(third.peer, named('me'), admitted('me'));
    expect(third.page.ofType('peer.failed')).toMatchObject([{ error: { type: 'unavailable-id' } }]);
  });
});

describe('HostedPeer with an oversized message of a remote peer', () => {
  const deep = (message: object): string =>
    JSON.stringify(message).replace('"deep"', '['.repeat(5000) + ']'.repeat(5000));

  it('creates no connection, reports it to the page, and serves other peers', () => {
    const { socket, page } = makeRegistered();
    socket.receive(deep(offerMessage({ metadata: 'deep' })));
    socket.receive(offerMessage({ connectionId: 'honest' }, 'honest'));
    const message = expect.stringContaining('of peer remote its OFFER, whose data are nested more than 500') as string;
    expect(page.ofType('peer.error')).toEqual([{ type: 'peer.error', peerKey: 1, error: { type: 'webrtc', message } }]);
    expect(page.ofType('connection.incoming')).toMatchObject([{ remotePeerId: 'honest' }]);
  });

  it('reports four times, however many such messages come', () => {
    const { socket, page } = makeRegistered();
    for (let n = 0; n < 100; n++) socket.receive(deep(offerMessage({ metadata: 'deep' })));
    expect(page.ofType('peer.error')).toHaveLength(4);
  });

  it('posts the message as text to a page that watches the socket', () => {
    const { peer, socket, page } = makeRegistered();
    peer.watchSocket();
    const text = deep(offerMessage({ metadata: 'deep' }));
    socket.receive(text);
    socket.receive('x'.repeat(2 * 1024 * 1024));
    expect(page.ofType('peer.socketMessage')).toEqual([{ type: 'peer.socketMessage', peerKey: 1, text }]);
  });

  it('sends the page’s own messages to the server if they are JSON', () => {
    const { peer, socket } = makeRegistered();
    const send = (payload: string) =>
      peer.signal({ type: 'peer.send', peerKey: 1, message: { type: 'CUSTOM', payload, dst: 'r' } });
    const before = socket.signals.length;
    send('{"a":[1]}');
    send('{');
    expect(socket.signals.slice(before)).toEqual([{ type: 'CUSTOM', payload: { a: [1] }, dst: 'r' }]);
  });
});
