// What Peerport sends to the PeerServer and over the data channel, recorded by a hand-made peer without PeerJS.
import type { JSHandle } from '@playwright/test';
import type { Peer } from 'peerjs';
import type { Family } from '../../pages/kit/payloads';
import type { Tap } from '../../pages/kit/tap';
import { eachImplementation, IMPLEMENTATIONS, tagsOf } from '../../support/conformance';
import { DIFFERENCES } from '../../support/differences';
import type { DrivenPage } from '../../support/driven-page';
import { expect, test, uniqueId, type PeerPage } from '../../support/fixtures';
import type { TestPeerServer } from '../../support/peer-server';
import { tapAt } from '../../support/tapped';

interface Tapped {
  peer: JSHandle<Peer>;
  tap: JSHandle<Tap>;
  ids: { peer: string; tap: string };
}

async function openBoth(subject: PeerPage, tapPage: DrivenPage, server: TestPeerServer): Promise<Tapped> {
  const ids = { peer: uniqueId('peer'), tap: uniqueId('tap') };
  const [peer, tap] = await Promise.all([subject.open(ids.peer), tapAt(tapPage, server, ids.tap)]);
  return { peer, tap, ids };
}

async function framesOf(tapped: Tapped, serialization: string, family: Family): Promise<string[]> {
  const { peer, tap, ids } = tapped;
  const connection = await peer.evaluateHandle(
    (peer, [to, serialization]) => kit.opened(kit.dial(peer, to, { serialization, reliable: true })),
    [ids.tap, serialization] as const,
  );
  const [frames] = await Promise.all([
    tap.evaluate((tap) => tap.allFrames()),
    connection.evaluate((connection, family) => kit.sendPayloads(connection, family), family),
  ]);
  return frames;
}

for (const [serialization, family] of [
  ['binary', 'binary'],
  ['binary', 'large'],
  ['json', 'json'],
  ['raw', 'raw'],
] as const) {
  for (const implementation of IMPLEMENTATIONS) {
    const name = `the frames of all ${family} payloads are PeerJS's, byte for byte (${implementation})`;
    test(name, tagsOf(implementation), async ({ reusePage, reuseBlankPage, peerServer, recall }) => {
      const record = async (subject: PeerPage) =>
        framesOf(await openBoth(subject, await reuseBlankPage(), peerServer), serialization, family);
      const frames = await record(await reusePage(implementation));
      expect(frames.length).toBeGreaterThan(5);
      expect(frames.at(-1)).toContain(family === 'raw' ? '"#end"' : '23656e64');
      const reference = await recall(`frames ${family}`, async () =>
        implementation === 'peerjs' ? frames : record(await reusePage('peerjs')),
      );
      expect(frames).toEqual(reference);
    });
  }
}

/** The head of a 16 331-byte frame: map of 4, `__peerData`, id, `n`, number, `data`, raw of 16 300. `total` follows the data. */
const CHUNK = /^84ba5f5f7065657244617461(..)b16e(..)b464617461da3fac/;

for (const implementation of IMPLEMENTATIONS) {
  test(
    `chunks carry message numbers from 1 on each connection (${implementation})`,
    tagsOf(implementation),
    async ({ reusePage, reuseBlankPage, peerServer }) => {
      const subject = await reusePage(implementation);
      const numbers: string[][] = [];
      for (let round = 0; round < 2; round++) {
        const { peer, tap, ids } = await openBoth(subject, await reuseBlankPage(), peerServer);
        await peer.evaluate(async (peer, to) => {
          const connection = await kit.opened(kit.dial(peer, to, { reliable: true }));
          await connection.send(new ArrayBuffer(40_000));
          await connection.send('short');
          await connection.send(new ArrayBuffer(17_000));
          await connection.send('#end');
        }, ids.tap);
        const heads = await tap.evaluate(async (tap) => {
          await tap.allFrames();
          return tap.heads;
        });
        numbers.push(heads.flatMap((head) => CHUNK.exec(head)?.slice(1).join('/') ?? []));
      }
      expect(numbers).toEqual([
        ['01/00', '01/01', '02/00'],
        ['01/00', '01/01', '02/00'],
      ]);
    },
  );

  test(
    `an offer has PeerJS's keys in PeerJS's order (${implementation})`,
    tagsOf(implementation),
    async ({ reusePage, reuseBlankPage, peerServer }) => {
      const { peer, ids } = await openBoth(await reusePage(implementation), await reuseBlankPage(), peerServer);
      await peer.evaluate(
        (peer, to) =>
          kit.opened(
            kit.dial(peer, to, { label: 'chat', metadata: { a: [1, null] }, serialization: 'json', reliable: true }),
          ),
        ids.tap,
      );
      const offer = await peerServer.message(({ type, src }) => type === 'OFFER' && src === ids.peer);
      const candidate = await peerServer.message(({ type, dst }) => type === 'CANDIDATE' && dst === ids.tap);
      const { sdp, connectionId, ...others } = offer.payload!;
      expect(Object.keys(offer)).toEqual(['type', 'payload', 'dst', 'src']);
      expect(Object.keys(offer.payload!)).toEqual([
        ...['sdp', 'type', 'connectionId', 'metadata', 'label', 'reliable', 'serialization'],
      ]);
      expect(others).toEqual({
        type: 'data',
        metadata: { a: [1, null] },
        label: 'chat',
        reliable: true,
        serialization: 'json',
      });
      expect(sdp).toEqual({ type: 'offer', sdp: expect.stringMatching(/^v=0\r\n/) });
      expect(connectionId).toMatch(/^dc_[a-z0-9]{8,}$/);

      expect(Object.keys(candidate)).toEqual(['type', 'payload', 'dst', 'src']);
      expect(Object.keys(candidate.payload!)).toEqual(['candidate', 'type', 'connectionId']);
      expect(candidate.payload).toEqual({
        candidate: {
          candidate: expect.stringMatching(/^candidate:/),
          sdpMid: '0',
          sdpMLineIndex: 0,
          usernameFragment: expect.any(String),
        },
        type: 'data',
        connectionId,
      });
    },
  );

  test(
    `an offer by default names no metadata and serialization binary (${implementation})`,
    tagsOf(implementation),
    async ({ reusePage, reuseBlankPage, peerServer }) => {
      const { peer, tap, ids } = await openBoth(await reusePage(implementation), await reuseBlankPage(), peerServer);
      await peer.evaluate((peer, to) => kit.opened(kit.dial(peer, to)), ids.tap);
      const { payload } = await peerServer.message(({ type, src }) => type === 'OFFER' && src === ids.peer);
      expect(Object.keys(payload!)).toEqual(['sdp', 'type', 'connectionId', 'label', 'reliable', 'serialization']);
      expect(payload).toMatchObject({ type: 'data', reliable: false, serialization: 'binary' });
      expect(payload!.label).toBe(payload!.connectionId);
      const channel = await tap.evaluate(({ channel }) => ({
        label: channel!.label,
        ordered: channel!.ordered,
        protocol: channel!.protocol,
        negotiated: channel!.negotiated,
        maxRetransmits: channel!.maxRetransmits,
        maxPacketLifeTime: channel!.maxPacketLifeTime,
      }));
      expect(channel).toEqual({
        label: payload!.label,
        ordered: false,
        protocol: '',
        negotiated: false,
        maxRetransmits: null,
        maxPacketLifeTime: null,
      });
    },
  );

  test(
    `an answer has PeerJS's keys in PeerJS's order (${implementation})`,
    tagsOf(implementation),
    async ({ reusePage, reuseBlankPage, peerServer }) => {
      const { tap, ids } = await openBoth(await reusePage(implementation), await reuseBlankPage(), peerServer);
      await tap.evaluate((tap, to) => tap.dial(to, { connectionId: 'dc_by-hand', label: 'by hand' }), ids.peer);
      const answer = await peerServer.message(({ type, src }) => type === 'ANSWER' && src === ids.peer);
      expect(Object.keys(answer)).toEqual(['type', 'payload', 'dst', 'src']);
      expect(Object.keys(answer.payload!)).toEqual(['sdp', 'type', 'connectionId']);
      expect(answer.payload).toEqual({
        sdp: { type: 'answer', sdp: expect.stringMatching(/^v=0\r\n/) },
        type: 'data',
        connectionId: 'dc_by-hand',
      });
    },
  );

  test(
    `close with flush sends PeerJS's close request (${implementation})`,
    tagsOf(implementation),
    async ({ reusePage, reuseBlankPage, peerServer }) => {
      const { peer, tap, ids } = await openBoth(await reusePage(implementation), await reuseBlankPage(), peerServer);
      await peer.evaluate(async (peer, to) => {
        const connection = await kit.opened(kit.dial(peer, to, { reliable: true }));
        connection.close({ flush: true });
        await connection.send('#end');
      }, ids.tap);
      const frames = await tap.evaluate((tap) => tap.allFrames());
      // map of 1, "__peerData", map of 1, "type", "close"; then the marker
      expect(frames).toEqual([
        'ArrayBuffer(24) 81ba5f5f706565724461746181b474797065b5636c6f7365',
        'ArrayBuffer(5) b423656e64',
      ]);
    },
  );
}

eachImplementation('the socket URL has the form of PeerJS 1.5.5', {
  async run(page, { extraPeerServer }) {
    const server = await extraPeerServer({ key: 'my-key', path: '/deep/path' });
    const options = { port: server.port, path: 'deep/path', key: 'my-key', token: 'my-token' };
    await page.open('someone', options);
    return [...server.socketUrls];
  },
  expected: ['/deep/path/peerjs?key=my-key&id=someone&token=my-token&version=1.5.5'],
});

eachImplementation('heartbeats are sent at the page’s pingInterval and have no payload', {
  async run(page, { peerServer }) {
    const id = uniqueId();
    await page.open(id, { pingInterval: 40 });
    const beats = () => peerServer.messages.filter(({ type, src }) => type === 'HEARTBEAT' && src === id);
    await peerServer.message(() => beats().length >= 3);
    return { ...beats()[2], src: 'the peer' };
  },
  expected: { type: 'HEARTBEAT', src: 'the peer' },
});

eachImplementation('nothing is sent to the server before the first heartbeat is due', {
  async run(page, { peerServer }) {
    const id = uniqueId();
    const control = uniqueId('control');
    await page.open(id, { pingInterval: 600_000 });
    await page.open(control, { pingInterval: 40 });
    await peerServer.message(({ type, src }) => type === 'HEARTBEAT' && src === control);
    const sent = peerServer.messages.filter(({ src }) => src === id);
    return sent.map(({ type, dst, payload }) => [type, dst === id, Object.keys(payload!)]);
  },
  expected: [],
  differs: { because: DIFFERENCES.selfProbe, expected: [['CANDIDATE', true, ['connectionId']]] },
});

eachImplementation('listAllPeers sends the version in the query', {
  async run(page, { extraPeerServer }) {
    const server = await extraPeerServer({ allow_discovery: true });
    const peer = await page.open('lister', { port: server.port });
    await peer.evaluate((peer) => new Promise((resolve) => peer.listAllPeers(resolve)));
    return server.requestUrls.filter((url) => url.includes('peers'));
  },
  expected: [expect.stringMatching(/^\/peerjs\/peers\?ts=\d+\.\d+&version=1\.5\.5$/)],
});
