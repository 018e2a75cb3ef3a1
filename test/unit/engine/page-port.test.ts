import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endpointPair } from '../../support/fakes/endpoint-pair';
import { connectionCreate } from '../../support/fakes/page-messages';
import { settled } from '../../support/fakes/settled';
import { peerStart, makeRegistered, makeOpen } from '../../support/fakes/attached-document';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('AttachedDocument with a hostile page', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['text', 'peer.start'],
    ['an array', [peerStart()]],
    ['an unknown type', { type: 'constructor' }],
    ['a host’s message', { type: 'peer.open', peerKey: 1, epoch: 1, peerId: 'me' }],
  ])('ignores %s', async (_, message) => {
    const { page, asked, channel, sockets } = await makeOpen();
    const before = page.received.length;
    page.post(message);
    await settled();
    expect([asked.length, channel.sent.length, sockets.made.length]).toEqual([0, 0, 1]);
    expect(page.received).toHaveLength(before);
  });

  it.each<[string, Record<string, unknown>]>([
    ['chunks that are no buffers', { type: 'connection.send', announced: [1], chunks: [[1]] }],
    ['a negative length', { type: 'connection.send', announced: [-1], chunks: [] }],
    ['frames that are no frames', { type: 'connection.sendFrames', frames: [1] }],
  ])('ends the connection for which the page sends %s', async (_, message) => {
    const { page, channel } = await makeOpen();
    page.post({ ...message, connectionKey: 1 });
    expect(page.ofType('connection.error')).toMatchObject([
      { connectionKey: 1, error: { type: 'negotiation-failed' } },
    ]);
    expect(page.ofType('connection.closed')).not.toEqual([]);
    expect(channel.sent).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['a Peer without a server', { server: undefined }, 'server-error', /`server` is missing/],
    ['a Peer of an ID beyond all measure', { requestedId: 'x'.repeat(2000) }, 'invalid-id', /`requestedId` is longer/],
    [
      'a Peer with credentials without end',
      { config: { iceServers: [{ urls: 'turn:a', credential: 'x'.repeat(5000) }] } },
      'webrtc',
      /credential` is longer/,
    ],
  ])('reports why it refuses %s', async (_, members, type, words) => {
    const { page, asked } = await makeOpen();
    page.post({ ...peerStart({ peerKey: 2, epoch: 3 }), ...members });
    const message = expect.stringMatching(words) as string;
    expect(page.received.at(-1)).toEqual({ type: 'peer.failed', peerKey: 2, epoch: 3, error: { type, message } });
    expect(asked).toEqual([]);
  });

  it('reports why a message for the server is not sent', async () => {
    const { page, socket } = await makeOpen();
    const before = socket.signals.length;
    page.post({ type: 'peer.send', peerKey: 1, message: { type: 'OFFER', payload: '['.repeat(1000), dst: 'r' } });
    const message = expect.stringContaining('nested more than 500 deep') as string;
    expect(page.received.at(-1)).toEqual({ type: 'peer.error', peerKey: 1, error: { type: 'socket-error', message } });
    expect(socket.signals).toHaveLength(before);
  });

  it('reports which value of a connection is out of bounds', async () => {
    const { page } = await makeOpen();
    page.post(connectionCreate({ connectionKey: 2, label: 'x'.repeat(5000) }));
    page.post(connectionCreate({ connectionKey: 3, metadata: '{"a":'.repeat(1000) }));
    expect(page.ofType('connection.error')).toMatchObject([
      {
        connectionKey: 2,
        error: { type: 'negotiation-failed', message: expect.stringContaining('`label`') as string },
      },
      { connectionKey: 3, error: { message: expect.stringContaining('nested more than 500 deep') as string } },
    ]);
    expect(page.ofType('connection.closed')).toMatchObject([{ connectionKey: 2 }, { connectionKey: 3 }]);
  });

  it('ends all Peers and reports why when the page keeps sending invalid messages', async () => {
    const { page, host, socket, peerConnections, onDetached } = await makeOpen();
    for (let n = 0; n < 256; n++) page.post({ type: 'nonsense' });
    expect(page.ofType('denied')).toEqual([]);
    page.post(null);
    expect(page.received.at(-1)).toEqual({
      type: 'denied',
      message: expect.stringContaining('sending invalid messages') as string,
    });
    expect([socket.isClosed, peerConnections.last.signalingState, host.isClosed]).toEqual([true, 'closed', true]);
    expect(onDetached).toHaveBeenCalledOnce();
  });

  it('tolerates occasional invalid messages', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { page, socket } = makeRegistered();
    for (let n = 0; n < 1000; n++) {
      page.post({ type: 'nonsense' });
      vi.advanceTimersByTime(250);
    }
    vi.useRealTimers();
    expect(socket.isClosed).toBe(false);
  });

  it('reports its detachment to the host when the page keeps sending invalid messages', () => {
    const { page, onDetached } = makeRegistered();
    for (let n = 0; n < 256; n++) page.post({ type: 'nonsense' });
    expect(onDetached).not.toHaveBeenCalled();
    page.post(null);
    expect(onDetached).toHaveBeenCalled();
  });
});

describe('AttachedDocument that moves to another port', () => {
  async function makeMoved() {
    const made = await makeOpen();
    const [port, pagePort] = endpointPair();
    made.attachedDocument.move(port);
    return { ...made, port, pagePort };
  }

  it('posts `moving` last on the old port and continues on the new one', async () => {
    const { attachedDocument, page, pagePort, channel } = await makeMoved();
    channel.receive(Uint8Array.of(6).buffer);
    expect(page.received.at(-1)).toEqual({ type: 'moving' });
    expect(pagePort.received).toEqual([{ type: 'data', connectionKeys: [1], data: [6] }]);
    expect(attachedDocument.hasMoved).toBe(true);
  });

  it('reads the new port only after the page’s last message on the old one', async () => {
    const { page, pagePort, channel } = await makeMoved();
    const frame = (data: string) => ({ type: 'connection.sendFrames', connectionKey: 1, frames: [data] });
    pagePort.post(frame('second'));
    page.post(frame('first'));
    expect(channel.sent).toEqual(['first']);
    page.post({ type: 'moved' });
    pagePort.post(frame('third'));
    expect(channel.sent).toEqual(['first', 'second', 'third']);
  });

  it('ignores `moved` if it has not moved', async () => {
    const { page, channel } = await makeOpen();
    page.post({ type: 'moved' });
    page.post({ type: 'connection.sendFrames', connectionKey: 1, frames: ['still here'] });
    expect(channel.sent).toEqual(['still here']);
  });

  it('closes both ports when it is disposed of', async () => {
    const { attachedDocument, host, port } = await makeMoved();
    attachedDocument.dispose();
    expect([host.isClosed, port.isClosed]).toEqual([true, true]);
  });
});
