import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttachedDocument } from '../../../../src/engine/attached-document';
import { ROOM_TIMEOUT_MS } from '../../../../src/engine/policy/room-queue';
import { endpointPair } from '../../../support/fakes/endpoint-pair';
import { admissionOf, CONDITIONS } from '../../../support/fakes/hosted-world';
import { connectionCreate, peerStart as startMessage } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';
import { siteDocument } from '../../../support/fakes/site-documents';
import {
  peerStart,
  admission,
  type Ask,
  makeDocument,
  makeRegistered,
  makeOpen,
  makeFull,
  quotaOf,
} from '../../../support/fakes/attached-document';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('AttachedDocument whose page starts Peers', () => {
  it('asks the background for every further Peer, in the document’s name', async () => {
    const { page, asked, document, sockets } = makeRegistered();
    const start = peerStart({ peerKey: 2 });
    page.post(start);
    expect(asked).toMatchObject([{ document, start }]);
    asked[0]!.reply({ status: 'admitted', admission: admissionOf() });
    await settled();
    expect(sockets.made).toHaveLength(2);
  });

  it('reports a denial to the page', async () => {
    const { page, asked, sockets } = makeRegistered();
    page.post(peerStart({ peerKey: 2, epoch: 5 }));
    asked[0]!.reply({ status: 'denied', message: 'The user said no.' });
    await settled();
    const error = { type: 'permission-denied', message: 'The user said no.' };
    expect(page.received.at(-1)).toEqual({ type: 'peer.failed', peerKey: 2, epoch: 5, error });
    expect(sockets.made).toHaveLength(1);
  });

  it('reports an error of the background with its type', async () => {
    const { page, asked } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    asked[0]!.reply({ status: 'denied', errorType: 'server-error', message: 'No server.' });
    await settled();
    const error = { type: 'server-error', message: 'No server.' };
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.failed', peerKey: 2, error });
  });

  it('denies a Peer if the background cannot be reached', async () => {
    const { page, asked } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    asked[0]!.fail(new Error('gone'));
    await settled();
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.failed', error: { type: 'permission-denied' } });
  });

  it('restarts a Peer under its present ID without asking the background', () => {
    const { page, asked, socket, sockets } = makeRegistered();
    socket.drop();
    page.post(peerStart({ requestedId: 'me', leased: true, epoch: 2 }));
    expect(asked).toEqual([]);
    expect(sockets.made).toHaveLength(2);
  });

  it('starts no Peer once the document is gone', async () => {
    const { attachedDocument, page, asked, sockets } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    attachedDocument.dispose();
    asked[0]!.reply({ status: 'admitted', admission });
    await settled();
    expect(sockets.made).toHaveLength(1);
  });

  // A second Peer waits for the background, perhaps for the user, while its page already sends requests.
  it('queues a connection that the page opens while its Peer is being admitted', async () => {
    const { page, asked, sockets } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    page.post(connectionCreate({ peerKey: 2 }));
    asked[0]!.reply({ status: 'admitted', admission: admissionOf() });
    await settled();
    sockets.last.welcome();
    await settled();
    expect(sockets.last.signals).toMatchObject([{ type: 'OFFER' }]);
  });

  it('answers a request for the list of peers that comes while its Peer is being admitted', async () => {
    const { page, asked } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    page.post({ type: 'peer.listAllPeers', peerKey: 2, requestId: 1 });
    asked[0]!.reply({ status: 'admitted', admission: admissionOf() });
    await settled();
    expect(page.ofType('peer.listed')).toHaveLength(1);
  });

  it.each(['peer.destroy', 'peer.disconnect'])(
    'does not register a Peer that received %s while it was being admitted',
    async (type) => {
      const { page, asked, sockets } = makeRegistered();
      page.post(peerStart({ peerKey: 2 }));
      page.post({ type, peerKey: 2 });
      asked[0]!.reply({ status: 'admitted', admission: admissionOf() });
      await settled();
      expect(sockets.made).toHaveLength(1);
    },
  );
});

describe('AttachedDocument of a site at its limit of Peers', () => {
  const admits = async (asked: Ask[], index = 0): Promise<void> => {
    await settled();
    asked[index]!.reply({ status: 'admitted', admission: admissionOf() });
    await settled();
  };

  it('refuses a Peer beyond the limit of the origin, counting all tabs, until one is destroyed', async () => {
    const { attachedDocument, page, environment } = makeDocument();
    const limits = { ...CONDITIONS.limits, peers: 2 };
    attachedDocument.startPeer(peerStart(), { ...admission, limits });
    const other = new AttachedDocument(siteDocument({ tabId: 2 }), environment, {
      admit: async () => ({ status: 'admitted', admission }),
      leased: () => undefined,
    });
    other.startPeer(peerStart(), { ...admission, limits });
    page.post(startMessage({ peerKey: 2 }));
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect(page.ofType('peer.failed')).toMatchObject([{ peerKey: 2, error: { type: 'limit-reached' } }]);
    other.dispose();
    page.post(startMessage({ peerKey: 3 }));
    await settled();
    expect(page.ofType('peer.failed')).toHaveLength(1);
    expect(attachedDocument.peers).toHaveLength(2);
  });

  // Messages of two tabs reach the host by different ports, so the request for a Peer may overtake the end of another.
  it('gives a Peer beyond the limit the place of a Peer that another tab ends a moment later', async () => {
    const { attachedDocument, page, asked, environment } = makeDocument();
    const limits = { ...CONDITIONS.limits, peers: 2 };
    attachedDocument.startPeer(peerStart(), { ...admission, limits });
    const [host, otherPage] = endpointPair();
    const other = new AttachedDocument(siteDocument({ tabId: 2 }), environment, {
      admit: () => Promise.reject(new Error('not asked')),
      leased: () => undefined,
    });
    other.bind(host);
    other.startPeer(peerStart(), { ...admission, limits });
    page.post(startMessage({ peerKey: 2 }));
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS - 1);
    expect([page.ofType('peer.failed'), asked]).toEqual([[], []]);
    otherPage.post({ type: 'peer.destroy', peerKey: 1 });
    await settled();
    expect(asked).toMatchObject([{ start: { peerKey: 2 } }]);
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect(page.ofType('peer.failed')).toEqual([]);
  });

  it('stops waiting for a place when the page destroys the waiting Peer', async () => {
    const { attachedDocument, page, asked } = makeDocument();
    attachedDocument.startPeer(peerStart(), { ...admission, limits: { ...CONDITIONS.limits, peers: 1 } });
    page.post(startMessage({ peerKey: 2 }));
    page.post({ type: 'peer.destroy', peerKey: 2 });
    page.post({ type: 'peer.destroy', peerKey: 1 });
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect([page.ofType('peer.failed'), asked, attachedDocument.peers]).toEqual([[], [], []]);
  });

  it('counts Peers in private windows apart', () => {
    const { attachedDocument, environment } = makeDocument();
    const limits = { ...CONDITIONS.limits, peers: 1 };
    attachedDocument.startPeer(peerStart(), { ...admission, limits });
    const background = { admit: () => Promise.reject(new Error('not asked')), leased: () => undefined };
    const other = new AttachedDocument(siteDocument({ tabId: 2, isPrivate: true }), environment, background);
    other.startPeer(peerStart(), { ...admission, limits });
    expect([attachedDocument.peers.length, other.peers.length]).toEqual([1, 1]);
  });

  // Messages of two tabs come by different ports, so the request for a Peer may overtake the end of another.
  it('gives the next Peer the place of one that ends in another tab a moment later', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    await vi.advanceTimersByTimeAsync(1999);
    expect([made.page.ofType('peer.failed'), made.asked.length]).toEqual([[], 0]);
    made.otherPage.post({ type: 'peer.destroy', peerKey: 1 });
    await admits(made.asked);
    made.sockets.last.welcome();
    expect(made.page.ofType('peer.open').at(-1)).toMatchObject({ peerKey: 2 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(made.page.ofType('peer.failed')).toEqual([]);
  });

  it('gives the first Peer of the next page the place of a Peer whose page ends a moment later', async () => {
    const { other, environment, limits, sockets } = makeFull();
    const next = new AttachedDocument(siteDocument({ tabId: 3 }), environment, {
      admit: () => Promise.reject(new Error('not asked')),
      leased: () => undefined,
    });
    const before = sockets.made.length;
    next.startPeer(peerStart(), { ...admissionOf(), limits });
    expect(sockets.made).toHaveLength(before);
    other.dispose();
    await settled();
    expect(sockets.made).toHaveLength(before + 1);
  });

  it('queues the page’s requests to a Peer that waits for its place', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    made.page.post(connectionCreate({ peerKey: 2 }));
    made.otherPage.post({ type: 'peer.destroy', peerKey: 1 });
    await admits(made.asked);
    made.sockets.last.welcome();
    await settled();
    expect(made.sockets.last.signals).toMatchObject([{ type: 'OFFER' }]);
  });

  it('refuses a Peer that gets no place in time, and frees what it has counted', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2, epoch: 3 }));
    await vi.advanceTimersByTimeAsync(2000);
    expect(made.page.ofType('peer.failed')).toMatchObject([{ peerKey: 2, epoch: 3, error: { type: 'limit-reached' } }]);
    expect([made.attachedDocument.peers.length, quotaOf(made).peers, made.asked.length]).toEqual([1, 2, 0]);
  });

  it.each(['peer.destroy', 'peer.disconnect'])('starts no Peer that received %s while it waited', async (type) => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    made.page.post({ type, peerKey: 2 });
    made.otherPage.post({ type: 'peer.destroy', peerKey: 1 });
    await vi.advanceTimersByTimeAsync(5000);
    expect([made.asked.length, made.page.ofType('peer.failed')]).toEqual([0, []]);
  });

  it('withdraws the waiting Peers of a document that is gone', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    made.attachedDocument.dispose();
    await vi.advanceTimersByTimeAsync(5000);
    expect([quotaOf(made).peers, made.asked.length]).toEqual([1, 0]);
  });
});

describe('AttachedDocument with a page that starts Peers in a loop', () => {
  it('limits the rate of dials, and dials for the latest start', async () => {
    const { page, sockets, asked } = makeRegistered();
    for (let epoch = 2; epoch < 500; epoch++) {
      page.post({ type: 'peer.disconnect', peerKey: 1 });
      page.post(peerStart({ requestedId: 'me', leased: true, epoch }));
    }
    expect(sockets.made.length).toBeLessThanOrEqual(33);
    await vi.advanceTimersByTimeAsync(500);
    sockets.last.welcome();
    expect(page.ofType('peer.open').at(-1)).toMatchObject({ epoch: 499 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([sockets.made.length, asked.length]).toEqual([34, 0]);
  });

  it('keeps a Peer and its connections when a restart is refused for its rate', async () => {
    const { page, peerConnections } = await makeOpen();
    for (let peerKey = 2; peerKey < 100; peerKey++) page.post(peerStart({ peerKey }));
    page.post({ type: 'peer.disconnect', peerKey: 1 });
    page.post(peerStart({ requestedId: 'me', leased: true, epoch: 2 }));
    const failed = page.ofType('peer.failed');
    expect(failed.at(-1)).toMatchObject({ peerKey: 1, epoch: 2, error: { type: 'limit-reached' } });
    expect(peerConnections.last.signalingState).not.toBe('closed');
  });
});
