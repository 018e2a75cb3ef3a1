import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settled } from '../../../support/fakes/settled';
import { DATA_OFFER } from '../../../support/sdp-samples';
import { makeRegistered, makeOpen } from '../../../support/fakes/attached-document';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('AttachedDocument with connections', () => {
  it('gives each accepted connection a negative key of its own', () => {
    const { page, socket } = makeRegistered();
    for (const connectionId of ['a', 'b']) {
      const payload = { sdp: { type: 'offer', sdp: DATA_OFFER }, type: 'data', connectionId, serialization: 'json' };
      socket.receive({ type: 'OFFER', src: 'remote', payload });
    }
    expect(page.ofType('connection.incoming')).toMatchObject([{ connectionKey: -1 }, { connectionKey: -2 }]);
  });

  it('answers a request for statistics even if the connection is gone', async () => {
    const { page } = await makeOpen();
    for (const connectionKey of [1, 99])
      page.post({ type: 'connection.getStats', connectionKey, requestId: connectionKey });
    await settled();
    expect(page.ofType('connection.stats')).toMatchObject([
      { requestId: 99, stats: [] },
      { requestId: 1, stats: [['T01', { type: 'transport' }]] },
    ]);
  });

  it('shows the page no URL of an ICE server in statistics', async () => {
    const { page, peerConnections } = await makeOpen();
    const stats = { id: 'I1', type: 'local-candidate', url: 'turn:own.example' };
    peerConnections.last.getStats = async () => new Map([['I1', stats]]);
    page.post({ type: 'connection.getStats', connectionKey: 1, requestId: 1 });
    await settled();
    expect(page.ofType('connection.stats')).toMatchObject([{ stats: [['I1', { id: 'I1', type: 'local-candidate' }]] }]);
    expect(JSON.stringify(page.received)).not.toContain('own.example');
  });
});
