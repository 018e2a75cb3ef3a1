import '../../support/fakes/page-globals';
import { describe, expect, it, vi } from 'vitest';
import { makeOpenPeer, makePage, watch } from '../../support/fakes/page';
import { settled } from '../../support/fakes/settled';

const NAMES = ['open', 'connection', 'disconnected', 'error', 'close'];

describe('Peer.listAllPeers', () => {
  it('returns the server’s answer to each request separately', async () => {
    const { peer, host } = await makeOpenPeer();
    const lists: unknown[] = [];
    peer.listAllPeers((ids) => lists.push(['first', ids]));
    peer.listAllPeers((ids) => lists.push(['second', ids]));
    await host.say({ type: 'peer.listed', peerKey: 1, requestId: 2, peerIds: ['b'] });
    await host.say({ type: 'peer.listed', peerKey: 1, requestId: 1, peerIds: ['a'] });
    await host.say({ type: 'peer.listed', peerKey: 1, requestId: 1, peerIds: ['again'] });
    expect(lists).toEqual([
      ['second', ['b']],
      ['first', ['a']],
    ]);
  });

  it('fetches from the page’s own server with PeerJS’s URL and fetch', async () => {
    const asked: [string, unknown][] = [];
    const options = { host: 'Signal.example', port: 9000, path: 'app', key: 'k', secure: true } as const;
    const { peer, host } = await makeOpenPeer({ ...options, referrerPolicy: 'origin' });
    vi.stubGlobal('fetch', async (url: string, init: unknown) => {
      asked.push([url, init]);
      return Response.json(['a', { any: 'JSON' }]);
    });
    const list = new Promise((resolve) => peer.listAllPeers(resolve));
    expect(asked).toEqual([]);
    await host.say({ type: 'peer.listed', peerKey: 1, requestId: 1 });
    expect(await list).toEqual(['a', { any: 'JSON' }]);
    vi.unstubAllGlobals();
    const url = expect.stringMatching(
      /^https:\/\/signal\.example:9000\/app\/k\/peers\?ts=[\d.]+&version=1\.5\.5$/,
    ) as string;
    expect(asked).toEqual([[url, { referrerPolicy: 'origin' }]]);
  });

  it.each([
    ['a refusal of the public server', '0.peerjs.com', () => new Response('', { status: 401 }), 'team@peerjs.com'],
    ['a refusal', 'signal.example', () => new Response('', { status: 401 }), 'allow_discovery'],
    ['an error', 'signal.example', () => new Response('', { status: 500 }), 'Error. Status:500'],
    [
      'an answer that is not JSON',
      'signal.example',
      () => new Response('<html>'),
      'Could not get list peers from the server.',
    ],
    ['a host that makes no valid URL', 'no host', () => Response.json([]), 'Could not get list peers from the server.'],
  ])('fails with PeerJS’s error for %s', async (_what, host, response, words) => {
    const { peer, host: pageHost, events } = await makeOpenPeer({ host });
    vi.stubGlobal('fetch', async () => response());
    const messages: string[] = [];
    peer.on('error', (error: Error) => messages.push(error.message));
    const callback = vi.fn();
    peer.listAllPeers(callback);
    await pageHost.say({ type: 'peer.listed', peerKey: 1, requestId: 1 });
    await vi.waitFor(() => expect(messages).toHaveLength(1));
    vi.unstubAllGlobals();
    expect(messages[0]).toContain(words);
    expect(callback).not.toHaveBeenCalled();
    expect(events.slice(1)).toEqual([
      ['error', 'server-error'],
      ['disconnected', 'me'],
    ]);
  });

  it('fails without a fetch if no host can say whom to ask', async () => {
    const fetch = vi.fn();
    vi.stubGlobal('fetch', fetch);
    const denied = makePage();
    const refused = new denied.window.Peer();
    const events = watch(refused, NAMES);
    refused.listAllPeers();
    // An attack once used this handler to make the page fetch from a refused address.
    refused.on('disconnected', () => refused.listAllPeers());
    await denied.host.tell({ type: 'denied', message: 'no', errorType: 'server-error' });
    refused.listAllPeers();
    const failed = ['error', 'server-error'];
    await settled();
    expect(events).toEqual([failed, ['disconnected', null], ['close'], failed, failed, failed]);
    const lost = await makeOpenPeer();
    lost.peer.listAllPeers();
    await lost.host.tell({ type: 'lost', message: 'gone' });
    expect(lost.events.slice(1)).toEqual([['error', 'network'], ['disconnected', 'me'], failed]);
    vi.unstubAllGlobals();
    expect(fetch).not.toHaveBeenCalled();
  });

  it('ends the Peer like PeerJS if the server refuses', async () => {
    const { peer, host, events } = await makeOpenPeer();
    const callback = vi.fn();
    peer.listAllPeers(callback);
    await host.say({ type: 'peer.listed', peerKey: 1, requestId: 1, error: 'no' });
    expect(callback).not.toHaveBeenCalled();
    expect(events.slice(1)).toEqual([
      ['error', 'server-error'],
      ['disconnected', 'me'],
    ]);
  });
});
