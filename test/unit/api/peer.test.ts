import '../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { fakeStream } from '../../support/fakes/native-connection';
import { makeOpenPeer, makePage, watch } from '../../support/fakes/page';
import { settled } from '../../support/fakes/settled';

const NAMES = ['open', 'connection', 'disconnected', 'error', 'close'];

async function makeStarted(...args: [id?: unknown, options?: object]) {
  const page = makePage();
  const peer = new page.window.Peer(...args);
  const events = watch(peer, NAMES);
  await page.host.attach();
  const { start } = page.host.attaching[0] as unknown as { start: Record<string, unknown> };
  return { ...page, peer, events, start };
}

const error = { type: 'server-error' as const, message: 'no' };

describe('Peer', () => {
  it('gets its ID when it opens', async () => {
    const { peer, host, events } = await makeStarted();
    expect([peer.id, peer.open]).toEqual([null, false]);
    await host.say({ type: 'peer.open', peerKey: 1, epoch: 1, peerId: 'me' });
    expect([peer.id, peer.open]).toEqual(['me', true]);
    expect(events).toEqual([['open', 'me']]);
  });

  it('has the ID that the page chose at once', () => {
    const { window } = makePage();
    expect(new window.Peer('mine').id).toBe('mine');
    expect(new window.Peer(42).id).toBe('42');
  });

  it('starts with PeerJS’s defaults', async () => {
    const { start } = await makeStarted();
    const server = { host: '0.peerjs.com', port: 443, path: '/', key: 'peerjs', secure: true };
    expect(start).toMatchObject({ type: 'peer.start', peerKey: 1, epoch: 1, server, pingInterval: 5000 });
    expect(start).not.toHaveProperty('requestedId');
    expect(start).not.toHaveProperty('token');
  });

  it('passes on the page’s ID, token and options', async () => {
    const options = { host: '/', port: 9000, path: 'app', key: 'k', token: 't', secure: false, pingInterval: 1000 };
    const { start } = await makeStarted('mine', options);
    const server = { host: 'chat.example', port: 9000, path: '/app/', key: 'k', secure: false };
    expect(start).toMatchObject({ requestedId: 'mine', leased: false, token: 't', server, pingInterval: 1000 });
  });

  it.each(['a--b', '-a', 'a.b', 'ü', 'a b '])(
    'ends with invalid-id for %j in a later task, without a host',
    async (id) => {
      const { window, host } = makePage();
      const peer = new window.Peer(id);
      const events = watch(peer, NAMES);
      expect(events).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve));
      expect(events).toEqual([['error', 'invalid-id'], ['disconnected', null], ['close']]);
      expect(host.attaching).toEqual([]);
    },
  );

  it('ends if its first registration fails', async () => {
    const { peer, host, events } = await makeStarted();
    await host.say({ type: 'peer.failed', peerKey: 1, epoch: 1, error });
    expect(events).toEqual([['error', 'server-error'], ['disconnected', null], ['close']]);
    expect([peer.destroyed, peer.disconnected]).toEqual([true, true]);
  });

  it('ends with the error type that a denial names', async () => {
    const { window, host } = makePage();
    const events = watch(new window.Peer(), NAMES);
    await host.tell({ type: 'denied', message: 'no', errorType: 'server-error' });
    expect(events).toEqual([['error', 'server-error'], ['disconnected', null], ['close']]);
  });

  it('ends if it is denied', async () => {
    const { window, host } = makePage();
    const events = watch(new window.Peer(), NAMES);
    await host.tell({ type: 'denied', message: 'no' });
    expect(events).toEqual([['error', 'permission-denied'], ['disconnected', null], ['close']]);
  });

  it('only disconnects if a registration fails after it was open', async () => {
    const { peer, host, events } = await makeOpenPeer();
    peer.disconnect();
    peer.reconnect();
    await host.say({ type: 'peer.failed', peerKey: 1, epoch: 3, error });
    expect(events.slice(1)).toEqual([
      ['disconnected', 'me'],
      ['error', 'server-error'],
      ['disconnected', 'me'],
    ]);
    expect(peer.destroyed).toBe(false);
  });

  it('is disconnected when the socket or the host is lost', async () => {
    const { peer, host, events } = await makeOpenPeer();
    await host.say({ type: 'peer.lost', peerKey: 1, epoch: 1 });
    expect(events.slice(1)).toEqual([
      ['error', 'network'],
      ['disconnected', 'me'],
    ]);
    expect([peer.id, peer.open, peer.destroyed]).toEqual([null, false, false]);
    await host.tell({ type: 'lost', message: 'gone' });
    expect(events).toHaveLength(3);
  });

  it('requests its previous ID when it reconnects', async () => {
    const { peer, host } = await makeOpenPeer();
    peer.disconnect();
    peer.reconnect();
    expect(peer.id).toBe('me');
    await settled();
    expect(host.received.at(-1)).toMatchObject({ type: 'peer.start', epoch: 3, requestedId: 'me', leased: true });
  });

  it('ignores answers to an earlier attempt', async () => {
    const { peer, host, events } = await makeStarted();
    peer.disconnect();
    await host.say({ type: 'peer.open', peerKey: 1, epoch: 1, peerId: 'late' });
    await host.say({ type: 'peer.lost', peerKey: 1, epoch: 1 });
    expect(events).toEqual([['disconnected', null]]);
    expect(peer.open).toBe(false);
  });

  it('refuses to reconnect when it is connected or destroyed', async () => {
    const { peer } = await makeOpenPeer();
    expect(() => peer.reconnect()).toThrow('cannot reconnect because it is not disconnected');
    peer.destroy();
    expect(() => peer.reconnect()).toThrow('already been destroyed');
  });

  it('ends once, together with its connections', async () => {
    const { peer, host, events } = await makeOpenPeer();
    peer.connect('remote');
    peer.destroy();
    peer.destroy();
    await settled();
    expect(events.slice(1)).toEqual([['disconnected', 'me'], ['close']]);
    const types = host.received.map(({ type }) => type);
    expect(types.filter((type) => type !== 'connection.create')).toEqual([
      'peer.disconnect',
      'connection.close',
      'peer.destroy',
    ]);
    expect(Object.keys(peer.connections)).toEqual([]);
  });

  it('ends in any state when its permission is revoked, with its connections and with an error', async () => {
    for (const isOpen of [true, false]) {
      const { peer, host, events } = await makeStarted();
      if (isOpen) await host.say({ type: 'peer.open', peerKey: 1, epoch: 1, peerId: 'me' });
      peer.connect('you');
      const messages: string[] = [];
      peer.on('error', (error: Error) => messages.push(error.message));
      await host.say({ type: 'peer.revoked', peerKey: 1, message: 'taken away' });
      expect(messages).toEqual(['taken away']);
      const id = isOpen ? 'me' : null;
      const ending = [['error', 'permission-denied'], ['disconnected', id], ['close']];
      expect(events).toEqual([...(isOpen ? [['open', 'me']] : []), ...ending]);
      expect([peer.destroyed, Object.keys(peer.connections)]).toEqual([true, []]);
    }
  });

  it('keeps its server when the page changes the options', async () => {
    const { peer, host } = await makeOpenPeer();
    peer.disconnect();
    peer.options.host = '192.168.1.1';
    peer.reconnect();
    await settled();
    expect(host.received.at(-1)).toMatchObject({ type: 'peer.start', server: { host: '0.peerjs.com' } });
  });

  it('survives listeners that throw', async () => {
    const { peer, host } = await makeStarted();
    peer.on('open', () => peer.destroy());
    await host.say({ type: 'peer.open', peerKey: 1, epoch: 1, peerId: 'me' });
    expect(peer.destroyed).toBe(true);
  });
});

describe('Peer.connect', () => {
  it('works before the Peer is open', async () => {
    const { peer, host } = await makeStarted();
    peer.connect('remote', { label: 'chat', metadata: { a: 1 }, reliable: true });
    await settled();
    const metadata = '{"a":1}';
    expect(host.ofType('connection.create')).toMatchObject([
      { peerKey: 1, connectionKey: 1, remotePeerId: 'remote', label: 'chat', metadata, reliable: true },
    ]);
  });

  it('refuses after the Peer is disconnected', async () => {
    const { peer, events } = await makeOpenPeer();
    peer.disconnect();
    expect(peer.connect('remote')).toBeUndefined();
    expect(events.at(-1)).toEqual(['error', 'disconnected']);
  });

  it.each([
    [undefined, 'binary'],
    ['default', 'binary'],
    ['binary', 'binary'],
    ['binary-utf8', 'binary'],
    ['json', 'json'],
    ['raw', 'raw'],
    ['none', 'raw'],
  ])('sends serialization %s as %s', async (serialization, onTheWire) => {
    const { peer, host } = await makeOpenPeer();
    const connection = peer.connect('remote', serialization === undefined ? {} : { serialization })!;
    await settled();
    expect(connection.serialization).toBe(onTheWire);
    expect(host.ofType('connection.create')).toMatchObject([{ serialization: onTheWire }]);
  });

  it('refuses an unknown serialization', async () => {
    const { peer } = await makeOpenPeer();
    expect(() => peer.connect('remote', { serialization: 'xml' })).toThrow(TypeError);
    expect(peer.connections).toEqual({});
  });

  it('refuses a serialization named like a member of Object.prototype', async () => {
    const { peer } = await makeOpenPeer();
    expect(() => peer.connect('remote', { serialization: 'toString' })).toThrow(TypeError);
  });

  it('throws for a configuration that the browser refuses', async () => {
    const { peer, host } = await makeOpenPeer({ config: { iceServers: [{ urls: 'http://a' }] } });
    expect(() => peer.connect('remote')).toThrow(DOMException);
    await settled();
    expect(host.ofType('connection.create')).toEqual([]);
    expect(peer.connections).toEqual({});
  });

  it('reports metadata that cannot be converted to JSON, and ends the connection', async () => {
    const { peer, host, events } = await makeOpenPeer();
    const metadata: Record<string, unknown> = {};
    metadata.self = metadata;
    const connection = peer.connect('remote', { metadata })!;
    await settled();
    expect(events.at(-1)).toEqual(['error', 'webrtc']);
    expect(host.ofType('connection.create')).toEqual([]);
    expect(peer.getConnection('remote', connection.connectionId)).toBeNull();
  });

  it('lists its connections by remote ID, and finds them', async () => {
    const { peer } = await makeOpenPeer();
    const [one, two] = [peer.connect('a')!, peer.connect('a')!];
    expect(peer.connections).toEqual(Object.assign(Object.create(null), { a: [one, two] }));
    expect(peer.getConnection('a', two.connectionId)).toBe(two);
    expect(peer.getConnection('b', two.connectionId)).toBeNull();
    one.close();
    expect(peer.connections.a).toEqual([two]);
  });

  it('emits an incoming connection', async () => {
    const { peer, host, events } = await makeOpenPeer();
    const about = { remotePeerId: 'r', connectionId: 'dc_r', label: 'l', serialization: 'json', reliable: true };
    await host.say({ type: 'connection.incoming', peerKey: 1, connectionKey: -1, metadata: { a: 1 }, ...about });
    const connection = peer.getConnection('r', 'dc_r');
    expect(events.at(-1)).toEqual(['connection', connection]);
    expect(connection).toMatchObject({
      label: 'l',
      metadata: { a: 1 },
      serialization: 'json',
      reliable: true,
      open: false,
    });
    expect(host.ofType('connection.create')).toEqual([]);
  });

  it('closes only the connections to a peer that leaves', async () => {
    const { peer, host } = await makeOpenPeer();
    for (const id of ['a', 'b', 'a']) peer.connect(id);
    await host.say({ type: 'peer.leave', peerKey: 1, remotePeerId: 'a' });
    expect(Object.keys(peer.connections)).toEqual(['b']);
  });
});

describe('Peer.call', () => {
  it('works before the Peer is open', async () => {
    const { peer, host } = await makeStarted();
    const call = peer.call('remote', fakeStream('audio'))!;
    await settled();
    expect(host.ofType('call.create')).toMatchObject([{ remotePeerId: 'remote', connectionId: call.connectionId }]);
    expect(peer.connections.remote).toEqual([call]);
  });

  it('refuses without a stream', async () => {
    const { peer, host, events } = await makeOpenPeer();
    expect(peer.call('remote', undefined as never)).toBeUndefined();
    await settled();
    expect(host.ofType('call.create')).toEqual([]);
    expect(events.slice(1)).toEqual([]);
    expect(peer.connections).toEqual({});
  });

  it('refuses after the Peer is disconnected', async () => {
    const { peer, events } = await makeOpenPeer();
    peer.disconnect();
    expect(peer.call('remote', fakeStream('audio'))).toBeUndefined();
    expect(events.at(-1)).toEqual(['error', 'disconnected']);
  });

  it('throws for a configuration that the browser refuses', async () => {
    const { peer, host } = await makeOpenPeer({ config: { iceServers: [{ urls: 'http://a' }] } });
    expect(() => peer.call('remote', fakeStream('audio'))).toThrow(DOMException);
    await settled();
    expect(host.ofType('call.create')).toEqual([]);
    expect(peer.connections).toEqual({});
  });

  it('reports metadata that cannot be converted to JSON, and does not list the call', async () => {
    const { peer, host, events } = await makeOpenPeer();
    const metadata: Record<string, unknown> = {};
    metadata.self = metadata;
    const call = peer.call('remote', fakeStream('audio'), { metadata })!;
    await settled();
    expect(events.at(-1)).toEqual(['error', 'webrtc']);
    expect(host.ofType('call.create')).toEqual([]);
    expect(call.peerConnection).toBeNull();
    expect(peer.getConnection('remote', call.connectionId)).toBeNull();
  });
});
