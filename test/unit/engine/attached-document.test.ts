import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CONDITIONS } from '../../support/fakes/hosted-world';
import { connectionCreate, peerStart as startMessage } from '../../support/fakes/page-messages';
import { settled } from '../../support/fakes/settled';
import { DATA_OFFER } from '../../support/sdp-samples';
import { peerStart, admission, makeDocument, makeOpen } from '../../support/fakes/attached-document';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('AttachedDocument', () => {
  it('serves the document before its port has come', () => {
    const { attachedDocument, host, page, sockets } = makeDocument({ isBound: false });
    attachedDocument.startPeer(peerStart(), admission);
    sockets.last.welcome();
    expect(attachedDocument.isBound).toBe(false);
    attachedDocument.bind(host);
    expect(attachedDocument.isBound).toBe(true);
    expect(page.received).toMatchObject([{ type: 'attached' }, { type: 'peer.open', peerId: 'me' }]);
  });

  it('carries a connection from the page to the channel and back', async () => {
    const { page, channel } = await makeOpen();
    page.post({ type: 'connection.send', connectionKey: 1, announced: [1], chunks: [Uint8Array.of(5).buffer] });
    channel.receive(Uint8Array.of(6).buffer);
    expect(channel.sent).toEqual([Uint8Array.of(5)]);
    expect(page.ofType('data')).toEqual([{ type: 'data', connectionKeys: [1], data: [6] }]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['message', { type: 'connection.send', announced: [1], chunks: [new ArrayBuffer(1)] }],
    ['frame', { type: 'connection.sendFrames', frames: ['x'] }],
  ])('delays no data for a page that answers with a %s', async (_, answer) => {
    const { page, channel, clock } = await makeOpen();
    clock.step = 0;
    for (const each of [1, 2, 3]) {
      channel.receive(Uint8Array.of(each).buffer);
      page.post({ ...answer, connectionKey: 1 });
    }
    expect(page.ofType('data').map(({ data }) => data)).toEqual([[1], [2], [3]]);
    expect(clock.waiting).toBe(0);
  });
});

describe('AttachedDocument of a site with connection settings', () => {
  const relayed = { ...admission, relayedOnly: true };
  const noRelay = expect.stringContaining('relays (TURN servers) only') as string;

  it('applies the latest admission to new connections', async () => {
    const { attachedDocument, page, peerConnections, asked } = makeDocument();
    attachedDocument.startPeer(peerStart(), admission);
    page.post(startMessage({ peerKey: 2 }));
    asked[0]!.reply({ status: 'admitted', admission: relayed });
    await settled();
    page.post(connectionCreate());
    await settled();
    expect(page.ofType('connection.error')).toMatchObject([
      { error: { type: 'negotiation-failed', message: noRelay } },
    ]);
    expect(peerConnections.made).toEqual([]);
  });

  it('applies changed conditions to new connections and leaves existing ones alone', async () => {
    const { attachedDocument, page, peerConnections, channel } = await makeOpen();
    attachedDocument.enforce({ ...CONDITIONS, iceServers: [{ urls: ['turn:own.example'] }], relayedOnly: true });
    page.post(connectionCreate({ connectionKey: 2, connectionId: 'dc_2' }));
    await settled();
    expect(peerConnections.last.config).toMatchObject({ iceTransportPolicy: 'relay' });
    expect(channel.readyState).toBe('open');
  });
});

describe('AttachedDocument when the user decides', () => {
  it('ends all Peers and connections when the permission is withdrawn, and may ask for another Peer', async () => {
    const { attachedDocument, page, asked, peerConnections } = await makeOpen();
    page.post(startMessage({ peerKey: 2 }));
    attachedDocument.revoke('taken away');
    expect(peerConnections.last.connectionState).toBe('closed');
    expect(page.ofType('peer.revoked')).toEqual([
      { type: 'peer.revoked', peerKey: 1, message: 'taken away' },
      { type: 'peer.revoked', peerKey: 2, message: 'taken away' },
    ]);
    expect(attachedDocument.peers).toEqual([]);
    asked[0]!.reply({ status: 'admitted', admission });
    await settled();
    expect(page.ofType('peer.open')).toHaveLength(1);
    page.post(startMessage({ peerKey: 3 }));
    expect(asked).toHaveLength(2);
  });

  it('closes connections that are no longer allowed, and reports why', async () => {
    const { attachedDocument, page } = await makeOpen();
    attachedDocument.enforce({ ...CONDITIONS, allows: { data: true, calls: false } });
    expect(page.ofType('connection.closed')).toEqual([]);
    attachedDocument.enforce({ ...CONDITIONS, allows: { data: false, calls: true } });
    expect(page.ofType('connection.error')).toMatchObject([{ error: { type: 'permission-denied' } }]);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('asks the page to close page-owned connections that are no longer allowed', async () => {
    const { attachedDocument, page } = await makeOpen();
    const message = { type: 'OFFER', dst: 'remote', payload: '{"connectionId":"own_1"}' };
    page.post({ type: 'peer.send', peerKey: 1, message });
    attachedDocument.enforce({ ...CONDITIONS, allows: { data: false, calls: true } });
    expect(page.ofType('peer.error')).toMatchObject([{ error: { type: 'permission-denied' } }]);
    expect(page.ofType('peer.closeConnection')).toMatchObject([{ remotePeerId: 'remote', connectionId: 'own_1' }]);
    const listed = () => attachedDocument.connections.map(({ description: { connectionId } }) => connectionId);
    expect(listed()).toEqual(['own_1']);
    page.post({ type: 'peer.connectionGone', peerKey: 1, remotePeerId: 'remote', connectionId: 'own_1' });
    expect(listed()).toEqual([]);
  });
});

describe('AttachedDocument whose port cannot carry a message', () => {
  it('loses only that message, reports it, and keeps the connection', async () => {
    const { host, page, channel } = await makeOpen();
    host.refuses = (message) => (message as { type: string }).type === 'data';
    channel.receive(Uint8Array.of(6).buffer);
    expect(page.received.at(-1)).toMatchObject({
      type: 'connection.error',
      connectionKey: 1,
      error: { type: 'message-too-big' },
    });
    expect(channel.readyState).toBe('open');
  });

  it('closes a connection that it cannot announce to the page, and reports it', async () => {
    const { attachedDocument, host, page, socket } = await makeOpen();
    const before = attachedDocument.connections;
    host.refuses = (message) => (message as { type: string }).type === 'connection.incoming';
    const payload = { sdp: { type: 'offer', sdp: DATA_OFFER }, type: 'data', connectionId: 'c', serialization: 'json' };
    socket.receive({ type: 'OFFER', src: 'remote', payload });
    await settled();
    expect(page.ofType('peer.error')).toMatchObject([{ peerKey: 1, error: { type: 'webrtc' } }]);
    expect(attachedDocument.connections).toEqual(before);
  });

  it('answers a request for statistics with an empty list', async () => {
    const { host, page } = await makeOpen();
    host.refuses = (message) =>
      (message as { stats?: unknown[] }).stats?.length !== undefined && JSON.stringify(message).includes('T01');
    page.post({ type: 'connection.getStats', connectionKey: 1, requestId: 4 });
    await settled();
    expect(page.ofType('connection.stats')).toMatchObject([{ requestId: 4, stats: [] }]);
  });
});

describe('AttachedDocument whose port comes late', () => {
  it('ends its Peers when its queue is full, and reports why once the port has come', async () => {
    const { attachedDocument, host, page, sockets, onDetached } = makeDocument({ isBound: false });
    attachedDocument.startPeer(peerStart(), admission);
    sockets.last.welcome();
    for (let n = 0; n < 5000; n++) sockets.last.receive({ type: 'LEAVE', src: 'remote' });
    expect(sockets.last.isClosed).toBe(true);
    attachedDocument.bind(host);
    expect(page.received).toMatchObject([{ type: 'attached' }, { type: 'denied' }]);
    expect(host.isClosed).toBe(true);
    expect(onDetached).toHaveBeenCalledOnce();
  });
});

describe('AttachedDocument that is disposed of', () => {
  it('ends the document’s Peers and connections', async () => {
    const { attachedDocument, host, socket, peerConnections } = await makeOpen();
    attachedDocument.dispose();
    expect(socket.isClosed).toBe(true);
    expect(peerConnections.last.signalingState).toBe('closed');
    expect(host.isClosed).toBe(true);
  });

  it('ends them once, however often it is disposed of', async () => {
    const { attachedDocument, page } = await makeOpen();
    attachedDocument.dispose();
    attachedDocument.dispose();
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('ignores further messages of the page', async () => {
    const { attachedDocument, host, page, asked } = await makeOpen();
    attachedDocument.dispose();
    host.isClosed = false;
    page.post(peerStart({ peerKey: 2 }));
    expect(asked).toEqual([]);
  });
});
