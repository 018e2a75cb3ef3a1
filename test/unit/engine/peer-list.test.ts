import { describe, expect, it } from 'vitest';
import { fetchPeerList } from '../../../src/engine/peer-list';
import { hostedWorld } from '../../support/fakes/hosted-world';
import { peerStart } from '../../support/fakes/page-messages';

function makeList(response: () => Response, host = 'signal.example') {
  const { context, requests, respond } = hostedWorld();
  respond(response);
  return { requests, list: fetchPeerList(context.fetch, { ...peerStart().server, host }) };
}

describe('fetchPeerList', () => {
  it('asks the URL of PeerJS and shows the server nothing of the user’s', async () => {
    const { list, requests } = makeList(() => Response.json(['a']));
    expect(await list).toEqual(['a']);
    expect(requests[0]!.url).toMatch(/^https:\/\/signal\.example\/peerjs\/peers\?ts=\d+(\.\d+)?&version=1\.5\.5$/);
    expect(requests[0]!.init).toEqual({ credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error' });
  });

  it.each([
    ['0.peerjs.com', /team@peerjs\.com/],
    ['signal.example', /allow_discovery/],
  ])('says what to do where %s does not allow it', async (host, sentence) => {
    await expect(makeList(() => new Response('', { status: 401 }), host).list).rejects.toThrow(sentence);
  });

  it('says the status of any other refusal', async () => {
    await expect(makeList(() => new Response('', { status: 500 })).list).rejects.toThrow(
      'Could not get list peers from the server.Error: Error. Status:500',
    );
  });

  it('fails with a sentence where there is no JSON, no server or no URL', async () => {
    const sentence = 'Could not get list peers from the server.';
    await expect(makeList(() => new Response('<html>')).list).rejects.toThrow(sentence);
    await expect(makeList(() => Response.json([]), 'no host').list).rejects.toThrow(sentence);
    const unreachable = (): Response => {
      throw new TypeError('Failed to fetch');
    };
    await expect(makeList(unreachable).list).rejects.toThrow(sentence);
  });
});
