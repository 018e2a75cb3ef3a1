import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callCreate, connectionCreate } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';
import { makeFull, quotaOf } from '../../../support/fakes/attached-document';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('AttachedDocument of a site at its limit of connections', () => {
  async function makeConnected() {
    const made = makeFull();
    made.otherPage.post(connectionCreate());
    await settled();
    return made;
  }

  it('gives the next connection the place of one that closes in another tab a moment later', async () => {
    const { page, otherPage, peerConnections } = await makeConnected();
    page.post(connectionCreate({ connectionId: 'dc_2' }));
    await vi.advanceTimersByTimeAsync(1999);
    expect([peerConnections.made.length, page.ofType('connection.error')]).toEqual([1, []]);
    otherPage.post({ type: 'connection.close', connectionKey: 1 });
    await settled();
    expect(peerConnections.made).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2000);
    expect(page.ofType('connection.error')).toEqual([]);
  });

  it('refuses a connection that gets no place in time', async () => {
    const made = await makeConnected();
    // The other tab's offer waits for its server.
    const before = quotaOf(made).queuedBytes;
    made.page.post(connectionCreate({ connectionId: 'dc_2' }));
    expect(quotaOf(made).queuedBytes).toBeGreaterThan(before);
    await vi.advanceTimersByTimeAsync(2000);
    expect(made.page.ofType('connection.error')).toMatchObject([
      { connectionKey: 1, error: { type: 'limit-reached' } },
    ]);
    expect(made.page.ofType('connection.closed')).toHaveLength(1);
    expect(quotaOf(made).queuedBytes).toBe(before);
  });

  it('queues the page’s signals of a direct call that waits for its place', async () => {
    const { page, otherPage, sockets } = await makeConnected();
    page.post(callCreate({ route: 'direct' }));
    const signal = (type: string, payload: object) =>
      page.post({
        type: 'call.signal',
        connectionKey: 1,
        to: 'remote',
        message: { type, payload: { type: 'media', connectionId: 'mc_1', ...payload } },
      });
    signal('OFFER', { sdp: { type: 'offer', sdp: 'page offer' } });
    signal('CANDIDATE', { candidate: { candidate: 'candidate:1', sdpMid: '0' } });
    otherPage.post({ type: 'connection.close', connectionKey: 1 });
    await settled();
    expect(sockets.made[0]!.signals).toMatchObject([{ type: 'OFFER' }, { type: 'CANDIDATE' }]);
  });

  it('queues a bounded number of signals for a waiting call', async () => {
    const made = await makeConnected();
    made.page.post(callCreate({ route: 'direct' }));
    const payload = { type: 'media', connectionId: 'mc_1', sdp: { type: 'offer', sdp: 'x'.repeat(100_000) } };
    for (let n = 0; n < 100; n++) {
      made.page.post({ type: 'call.signal', connectionKey: 1, to: 'remote', message: { type: 'OFFER', payload } });
    }
    expect(quotaOf(made).queuedBytes).toBeLessThanOrEqual(1024 * 1024 + 100_000);
    made.page.post({ type: 'connection.close', connectionKey: 1 });
    expect(quotaOf(made).queuedBytes).toBeLessThan(100_000);
  });

  it.each(['connection.close', 'peer.destroy', 'the end of the document'])(
    'creates no connection that was waiting, after %s',
    async (end) => {
      const { attachedDocument, page, otherPage, peerConnections } = await makeConnected();
      page.post(connectionCreate({ connectionId: 'dc_2' }));
      page.post({ type: 'connection.getStats', connectionKey: 1, requestId: 1 });
      if (end === 'connection.close') page.post({ type: end, connectionKey: 1 });
      else if (end === 'peer.destroy') page.post({ type: end, peerKey: 1 });
      else attachedDocument.dispose();
      otherPage.post({ type: 'connection.close', connectionKey: 1 });
      await vi.advanceTimersByTimeAsync(5000);
      expect(peerConnections.made).toHaveLength(1);
      expect(page.ofType('connection.error')).toEqual([]);
    },
  );
});
