import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectionCreate } from '../../support/fakes/page-messages';
import { settled } from '../../support/fakes/settled';
import { makeOpen } from '../../support/fakes/attached-document';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('AttachedDocument whose page breaks the contract', () => {
  it.each<[string, Record<string, unknown>]>([
    ['peer.disconnect', { peerKey: 99 }],
    ['peer.destroy', { peerKey: 99 }],
    ['peer.listAllPeers', { peerKey: 99, requestId: 1 }],
    ['connection.create', { ...connectionCreate({ peerKey: 99, connectionKey: 99 }) }],
    ['connection.send', { connectionKey: 99, announced: [1], chunks: [new ArrayBuffer(1)] }],
    ['connection.sendFrames', { connectionKey: 99, frames: ['x'] }],
    ['connection.abortMessage', { connectionKey: 99 }],
    ['connection.close', { connectionKey: 99 }],
    ['connection.sdpTransformed', { connectionKey: 99, sdp: 'x' }],
  ])('ignores %s for a Peer or connection that does not exist', async (type, message) => {
    const { page } = await makeOpen();
    const before = page.received.length;
    page.post({ ...message, type });
    await settled();
    expect(page.received).toHaveLength(before);
  });

  it('ends a connection that the page opens under a key of the host’s', async () => {
    const { page, peerConnections } = await makeOpen();
    page.post(connectionCreate({ connectionKey: -1 }));
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: -1 }]);
    expect(peerConnections.made).toHaveLength(1);
  });

  it('ends only the connection whose stream breaks the contract', async () => {
    const { page, socket } = await makeOpen();
    page.post(connectionCreate({ connectionKey: 2, connectionId: 'dc_2' }));
    page.post({ type: 'connection.send', connectionKey: 1, announced: [], chunks: [new ArrayBuffer(1)] });
    await settled();
    expect(page.ofType('connection.error')).toMatchObject([{ connectionKey: 1, error: { type: 'connection-closed' } }]);
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    expect(socket.isClosed).toBe(false);
  });

  it('ends a connection that sends more than its window', async () => {
    const { page } = await makeOpen();
    for (let n = 0; n < 21; n++) {
      expect(page.ofType('connection.closed')).toEqual([]);
      const chunks = [new ArrayBuffer(1024 * 1024)];
      page.post({ type: 'connection.send', connectionKey: 1, announced: [1024 * 1024], chunks });
    }
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('does not create a second connection under one key', async () => {
    const { page, peerConnections } = await makeOpen();
    page.post(connectionCreate({ connectionId: 'dc_2' }));
    expect(peerConnections.made).toHaveLength(1);
  });
});
