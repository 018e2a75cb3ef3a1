// A page that bypasses `window.Peer` and talks to the host over a port of its own.
import type { JSHandle } from '@playwright/test';
import type { Peer } from 'peerjs';
import { expect, connectPair, test, uniqueId } from '../support/fixtures';
import { attachRaw, startOf } from '../support/raw-attachment';

/** `true` and `false` in BinaryPack. */
const [TRUE, FALSE] = [0xc3, 0xc2];

/** Records messages and closes on each incoming connection of the Peer, by the connection's label. */
function watchIncoming(peer: JSHandle<Peer>): Promise<JSHandle<Record<string, string[]>>> {
  return peer.evaluateHandle((peer) => {
    const events: Record<string, string[]> = {};
    peer.on('connection', (connection) => {
      const list = (events[connection.label] = [] as string[]);
      connection.on('data', (data) => list.push(String(data)));
      connection.on('close', () => list.push('close'));
    });
    return events;
  });
}

for (const [kind, breach] of Object.entries({
  'sends bytes that it has not announced': { announced: [1], byteLength: 9 },
  'announces more messages than a batch may contain': {
    announced: new Array<number>((1 << 16) + 1).fill(0),
    byteLength: 1,
  },
  'announces a message of a negative length': { announced: [-1], byteLength: 1 },
})) {
  test(`a page that ${kind} loses that connection and no other`, async ({ openPage, peerServer }) => {
    const hostile = await openPage('peerport');
    const stranger = await openPage('peerjs');
    const strangerId = uniqueId('stranger');
    const remote = await stranger.open(strangerId);
    const events = await watchIncoming(remote);
    const raw = await attachRaw(hostile.page, startOf(peerServer, { requestedId: uniqueId('hostile') }));
    await raw.evaluate(({ until }) => until('peer.open'));
    const heard = await raw.evaluate(
      async (raw, [remotePeerId, { announced, byteLength }, TRUE, FALSE]) => {
        const create = { type: 'connection.create', peerKey: 1, remotePeerId, serialization: 'binary', reliable: true };
        for (const connectionKey of [1, 2]) {
          const name = { connectionKey, connectionId: `dc_${connectionKey}`, label: `label ${connectionKey}` };
          raw.post({ ...create, ...name, transformsSdp: false, config: { iceServers: [] } });
        }
        await Promise.all([1, 2].map((connectionKey) => raw.until('connection.open', connectionKey)));
        const send = (connectionKey: number, byte: number): void =>
          raw.post({ type: 'connection.send', connectionKey, announced: [1], chunks: [Uint8Array.of(byte).buffer] });
        for (const connectionKey of [1, 2]) send(connectionKey, TRUE);
        raw.post({ type: 'connection.send', connectionKey: 1, announced, chunks: [new ArrayBuffer(byteLength)] });
        send(2, FALSE);
        await raw.until('connection.closed', 1);
        return raw.heard;
      },
      [strangerId, breach, TRUE, FALSE] as const,
    );
    expect(heard).toContainEqual(expect.objectContaining({ type: 'connection.error', connectionKey: 1 }));
    expect(heard.filter(({ type, connectionKey }) => type === 'connection.closed' && connectionKey === 2)).toEqual([]);
    await stranger.page.waitForFunction((events) => events['label 1']?.includes('close'), events);
    await stranger.page.waitForFunction((events) => events['label 2']?.includes('false'), events);
    // The first connection may lose the message sent just before the breach.
    const { 'label 1': ofFirst, 'label 2': ofSecond } = await events.jsonValue();
    expect(ofFirst!.at(-1)).toBe('close');
    expect(ofSecond).toEqual(['true', 'false']);
    // The site has lost nothing else: another document of it connects.
    await connectPair({ dialler: await openPage('peerport'), answerer: stranger });
  });
}
