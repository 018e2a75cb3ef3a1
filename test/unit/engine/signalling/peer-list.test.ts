import { describe, expect, it, vi } from 'vitest';
import { fetchPeerList } from '../../../../src/engine/signalling/peer-list';
import { admissionOf, hostedWorld } from '../../../support/fakes/hosted-world';

function makeList(response: () => Response) {
  const { environment, requests, respond } = hostedWorld();
  respond(response);
  return { requests, list: fetchPeerList(environment.fetch, admissionOf().server) };
}

/** A body that streams pieces until it is canceled. */
function endless(piece: string) {
  const cancel = vi.fn();
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    controller.enqueue(new TextEncoder().encode(piece));
  };
  return { body: new ReadableStream({ pull, cancel }), cancel };
}

const NO_LIST = 'answered with something other than a list of IDs';

describe('fetchPeerList', () => {
  it('fetches the URL of PeerJS without credentials, referrer or redirects', async () => {
    const { list, requests } = makeList(() => Response.json(['a', 'ü']));
    expect(await list).toEqual(['a', 'ü']);
    expect(requests[0]!.url).toMatch(/^https:\/\/signal\.example:443\/peerjs\/peers\?ts=\d+(\.\d+)?&version=1\.5\.5$/);
    expect(requests[0]!.init).toEqual({
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      redirect: 'error',
      signal: expect.any(AbortSignal) as AbortSignal,
    });
  });

  it.each([
    ['no JSON', '<html>secret</html>'],
    ['nothing', ''],
    ['an object', '{"secret":1}'],
    ['a text', '"secret"'],
    ['an array with something else than texts', '["a",{"secret":1}]'],
    ['an array that has no end', '["secret"'],
  ])('takes %s for no list, and says nothing of it', async (_what, body) => {
    const error = await makeList(() => new Response(body)).list.catch((error: unknown) => error as Error);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain(NO_LIST);
    expect((error as Error).message).not.toContain('secret');
  });

  it('reveals nothing of a refusal but the refusal itself', async () => {
    const refusal = (status: number) => () => new Response('secret', { status, statusText: 'secret' });
    await expect(makeList(refusal(401)).list).rejects.toThrow(
      /^Could not get list.* does not allow listing its peers\.$/,
    );
    for (const status of [404, 500, 206]) {
      await expect(makeList(refusal(status)).list).rejects.toThrow(/^Could not get list.* a list of IDs\.$/);
    }
  });

  it('reads one mebibyte at most', async () => {
    const list = (length: number): string => JSON.stringify(['x'.repeat(length - 4)]);
    await expect(makeList(() => new Response(list(1024 * 1024))).list).resolves.toHaveLength(1);
    await expect(makeList(() => new Response(list(1024 * 1024 + 1))).list).rejects.toThrow(NO_LIST);
    const { body, cancel } = endless(' '.repeat(10_000));
    await expect(makeList(() => new Response(body)).list).rejects.toThrow(NO_LIST);
    expect(cancel).toHaveBeenCalled();
  });

  it('does not read the body of a refusal', async () => {
    const { body, cancel } = endless('x');
    await expect(makeList(() => new Response(body, { status: 500 })).list).rejects.toThrow(NO_LIST);
    expect(cancel).toHaveBeenCalled();
  });

  it('rejects with a sentence if there is no server', async () => {
    const unreachable = (): Response => {
      throw new TypeError('secret');
    };
    await expect(makeList(unreachable).list).rejects.toThrow(/^Could not get list.* did not answer\.$/);
  });
});
