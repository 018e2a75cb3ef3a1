import { describe, expect, it } from 'vitest';
import { hostedWorld } from '../../../support/fakes/hosted-world';
import { settled } from '../../../support/fakes/settled';
import {
  peerStart,
  admitted,
  cloud,
  ownServer,
  makePeer,
  register,
  makeRegistered,
} from '../../../support/fakes/hosted-peer';

describe('HostedPeer whose page asks for a list of peers', () => {
  function makeOwn(start = peerStart({ server: cloud }), server = ownServer) {
    const made = makePeer(hostedWorld(), start);
    void register(made.peer, start, { ...admitted('me', 'other'), server, isOwnServer: true });
    return { ...made, socket: made.sockets.last };
  }

  // The server may be in the user's own network, so nothing may contact it before the decision.
  it('asks the user’s own server for its list only once it is admitted, once for all queued requests', async () => {
    const { peer, page, requests, respond } = makePeer();
    respond(() => Response.json(['a']));
    peer.beginStart(peerStart());
    for (const requestId of [1, 2]) void peer.listAllPeers(requestId);
    await settled();
    expect(requests).toEqual([]);
    expect(page.ofType('peer.listed')).toEqual([]);
    void register(peer, peerStart(), { ...admitted('me'), server: ownServer, isOwnServer: true });
    await settled();
    expect(page.ofType('peer.listed')).toEqual(
      [1, 2].map((requestId) => ({ type: 'peer.listed', peerKey: 1, requestId, peerIds: ['a'] })),
    );
    expect(requests).toHaveLength(1);
  });

  it('queues a limited number of requests for the list, and leaves further ones to the page', () => {
    const { peer, page } = makePeer();
    peer.beginStart(peerStart());
    for (let requestId = 1; requestId <= 65; requestId++) void peer.listAllPeers(requestId);
    expect(page.ofType('peer.listed')).toEqual([{ type: 'peer.listed', peerKey: 1, requestId: 65 }]);
  });

  it('leaves the list of a server that the page names to the page', async () => {
    const { peer, page, requests } = makeRegistered();
    await peer.listAllPeers(4);
    expect(page.received.at(-1)).toEqual({ type: 'peer.listed', peerKey: 1, requestId: 4 });
    expect(requests).toEqual([]);
  });

  it('dials that server and asks it for its list', async () => {
    const { peer, page, socket, requests, respond } = makeOwn();
    expect(socket.url).toContain('wss://own.example:9000/mine/peerjs?key=own-key&id=me');
    respond(() => Response.json(['a', 'b']));
    await peer.listAllPeers(1);
    expect(page.received.at(-1)).toEqual({ type: 'peer.listed', peerKey: 1, requestId: 1, peerIds: ['a', 'b'] });
    expect(requests.map(({ url }) => url.split('?')[0])).toEqual(['https://own.example:9000/mine/own-key/peers']);
  });

  it('reports why there is no list, without revealing that server', async () => {
    const { peer, page, respond } = makeOwn();
    respond(() => new Response('secret', { status: 401, statusText: 'secret' }));
    await peer.listAllPeers(5);
    const error = expect.stringContaining('does not allow listing its peers') as unknown;
    expect(page.received.at(-1)).toEqual({ type: 'peer.listed', peerKey: 1, requestId: 5, error });
    expect(JSON.stringify(page.received)).not.toMatch(/own.example|own-key|secret/);
  });

  it('asks it once for concurrent requests, and again for a later one', async () => {
    const { peer, page, requests } = makeOwn();
    await Promise.all([1, 2, 3].map((requestId) => peer.listAllPeers(requestId)));
    expect(requests).toHaveLength(1);
    await peer.listAllPeers(4);
    expect(requests).toHaveLength(2);
    expect(page.ofType('peer.listed')).toHaveLength(4);
  });
});
