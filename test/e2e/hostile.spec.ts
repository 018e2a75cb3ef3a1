// Hostile ends: a remote peer that sends what PeerJS never would, by signalling and over the data channel, and a page that
// bypasses `window.Peer`. Each harms itself at most.
import type { JSHandle } from '@playwright/test';
import type { Peer } from 'peerjs';
import type { Tap } from '../pages/kit/tap';
import { expect, connectPair, test, uniqueId } from '../support/fixtures';
import { STILL_HERE, tapAt } from '../support/tapped';

const PEER_DATA = [0xba, ...new TextEncoder().encode('__peerData')];

/** `{__peerData: 1, n, data: <one byte>, total}` with one-byte numbers, as PeerJS packs it. */
function chunk(n: number, total: number[]): number[] {
  return [
    0x84,
    ...PEER_DATA,
    1,
    0xb1,
    0x6e,
    n,
    0xb4,
    0x64,
    0x61,
    0x74,
    0x61,
    0xa1,
    7,
    0xb5,
    0x74,
    0x6f,
    0x74,
    0x61,
    0x6c,
  ].concat(total);
}

/** Records the events of the Peer's incoming connections in order. `until` waits for an event. */
function observe(
  peer: JSHandle<Peer>,
): Promise<JSHandle<{ events: string[]; until: (event: string) => Promise<void> }>> {
  return peer.evaluateHandle((peer) => {
    const events: string[] = [];
    const waiting: (() => void)[] = [];
    const note = (event: string): void => {
      events.push(event);
      for (const wake of waiting.splice(0)) wake();
    };
    peer.on('connection', (connection) => {
      connection.on('data', (data) => note(`data ${String(data)}`));
      connection.on('error', (error) => note(`error ${error.type}`));
      connection.on('close', () => note('close'));
      connection.on('open', () => note('open'));
    });
    const until = async (event: string): Promise<void> => {
      while (!events.includes(event)) await new Promise<void>((resolve) => waiting.push(resolve));
    };
    return { events, until };
  });
}

function sendFrame(tap: JSHandle<Tap>, frame: number[] | string): Promise<void> {
  return tap.evaluate((tap, frame) => {
    tap.channel!.send((typeof frame === 'string' ? frame : new Uint8Array(frame)) as string);
  }, frame);
}

for (const [kind, frame] of Object.entries<number[] | string>({
  'an empty message': [],
  'an array of four billion items': [0xdd, 0xff, 0xff, 0xff, 0xff],
  'a map of four billion keys': [0xdf, 0xff, 0xff, 0xff, 0xff],
  'truncated raw data': [0xdb, 0xff, 0xff, 0xff, 0xff, 1],
  'text on a binary connection': 'hello',
})) {
  test(`a remote peer that sends ${kind} loses only that message`, async ({ openPage, reuseBlankPage, peerServer }) => {
    const id = uniqueId('victim');
    const peer = await (await openPage('peerport')).open(id);
    const seen = await observe(peer);
    const tap = await tapAt(await reuseBlankPage(), peerServer, uniqueId('tap'));
    await tap.evaluate((tap, id) => tap.dial(id), id);
    await seen.evaluate((seen) => seen.until('open'));
    await sendFrame(tap, frame);
    await sendFrame(tap, STILL_HERE);
    await seen.evaluate((seen) => seen.until('data still here'));
    expect(await seen.evaluate((seen) => seen.events)).toEqual(['open', 'data still here']);
  });
}

for (const [kind, frames] of Object.entries({
  'announces a billion chunks': [chunk(0, [0xce, 0x40, 0, 0, 0])],
  'repeats a chunk': [chunk(0, [3]), chunk(0, [3])],
  'numbers a chunk beyond the last': [chunk(3, [3])],
  'changes the total of a message': [chunk(0, [3]), chunk(1, [4])],
})) {
  test(`a remote peer that ${kind} loses its own connection and no other`, async ({
    openPage,
    reuseBlankPage,
    peerServer,
  }) => {
    const id = uniqueId('victim');
    const victim = await openPage('peerport');
    const peer = await victim.open(id);
    const seen = await observe(peer);
    const tap = await tapAt(await reuseBlankPage(), peerServer, uniqueId('tap'));
    await tap.evaluate((tap, id) => tap.dial(id), id);
    await seen.evaluate((seen) => seen.until('open'));
    for (const frame of frames) await sendFrame(tap, frame);
    await seen.evaluate((seen) => seen.until('close'));
    expect(await seen.evaluate((seen) => seen.events)).toEqual(['open', 'error connection-closed', 'close']);
    expect(await peer.evaluate((peer) => [peer.open, peer.destroyed])).toEqual([true, false]);
    await connectPair({ dialler: await openPage('peerport'), answerer: victim });
  });
}

test('malformed signalling does not affect the Peer', async ({ openPage, reuseBlankPage, peerServer }) => {
  const id = uniqueId('victim');
  const peer = await (await openPage('peerport')).open(id);
  const seen = await observe(peer);
  const tap = await tapAt(await reuseBlankPage(), peerServer, uniqueId('tap'));
  await tap.evaluate((tap, dst) => {
    const sdp = { type: 'offer', sdp: 'garbage' };
    const data = { type: 'data', label: 'x', reliable: true, serialization: 'binary' };
    const signals: object[] = [
      { type: 'OFFER' },
      { type: 'OFFER', payload: null },
      { type: 'OFFER', payload: { ...data, connectionId: 'dc_1' } },
      { type: 'OFFER', payload: { ...data, connectionId: 'dc_2', sdp } },
      { type: 'OFFER', payload: { ...data, connectionId: 'dc_3', sdp: { type: 'answer', sdp: '' } } },
      { type: 'OFFER', payload: { ...data, connectionId: ['dc_4'], sdp } },
      { type: 'OFFER', payload: { ...data, connectionId: 'dc_5', sdp, serialization: 'constructor' } },
      { type: 'OFFER', payload: { ...data, type: 'teleport', connectionId: 'dc_6', sdp } },
      { type: 'ANSWER', payload: { connectionId: 'dc_7', sdp: { type: 'answer', sdp: 'garbage' } } },
      { type: 'CANDIDATE', payload: { connectionId: 'dc_8', candidate: 'garbage' } },
      { type: 'CANDIDATE', payload: { connectionId: 'dc_2', candidate: { candidate: 'garbage', sdpMid: '9' } } },
      { type: 'EXPIRE' },
      { type: 'LEAVE' },
    ];
    for (const signal of signals) tap.send({ ...signal, dst } as never);
  }, id);
  await tap.evaluate((tap, id) => tap.dial(id), id);
  await seen.evaluate((seen) => seen.until('open'));
  await sendFrame(tap, STILL_HERE);
  await seen.evaluate((seen) => seen.until('data still here'));
  expect(await peer.evaluate((peer) => [peer.open, peer.destroyed])).toEqual([true, false]);
});

test('a page that bypasses window.Peer harms no other page', async ({ openPage, peerServer }) => {
  const hostile = await openPage('peerport');
  const answers = await hostile.page.evaluate(
    ({ options, id }) =>
      new Promise<string[]>((resolve) => {
        const { port1, port2 } = new MessageChannel();
        const types: string[] = [];
        const server = { ...options, path: '/', key: 'peerjs', secure: false };
        const start = {
          type: 'peer.start',
          peerKey: 1,
          epoch: 1,
          server,
          pingInterval: 5000,
          requestedId: id,
          config: {},
        };
        port1.onmessage = ({ data }: MessageEvent<{ type: string }>) => {
          types.push(data.type);
          if (data.type === 'attached') {
            const garbage: unknown[] = [null, 1, 'x', [], {}, { type: '__proto__' }, { type: 'peer.start' }, new Map()];
            garbage.push({ type: 'connection.send', connectionKey: 7, announced: [-1], chunks: ['x'] });
            garbage.push({ type: 'connection.send', connectionKey: -1, announced: [1], chunks: [new ArrayBuffer(9)] });
            garbage.push({ type: 'connection.close', connectionKey: 1e300 }, { type: 'moved' }, { type: 'moved' });
            garbage.push({ type: 'peer.listAllPeers', peerKey: 99, requestId: 0 }, { type: 'expect', to: 'host' });
            for (const message of garbage) port1.postMessage(message);
            port1.postMessage({ type: 'peer.listAllPeers', peerKey: 1, requestId: 1 });
          }
          if (types.includes('peer.listed') && types.includes('peer.open')) resolve(types);
        };
        window.dispatchEvent(new MessageEvent('peerport:attach', { ports: [port2] }));
        port1.postMessage({ type: 'attach', start });
      }),
    { options: peerServer.peerOptions, id: uniqueId('hostile') },
  );
  // The host survived all the garbage and answered the valid request after it.
  expect(answers).toContain('peer.open');
  // The host serves other documents as before.
  await connectPair({ dialler: await openPage('peerport'), answerer: await openPage('peerport') });
});
