// Many calls: at once in a mesh, and one after the other without leaks.
import type { MediaConnection } from 'peerjs';
import { perceive } from '../../support/calls';
import { tagsOf } from '../../support/conformance';
import { expect, test, uniqueId, type Implementation } from '../../support/fixtures';
import { countInHost, countInPage } from '../../support/peer-connection-count';

const SOURCES = [1, 2, 3, 4] as const;

/** Small pictures: twelve are sent and twelve received at once. */
const SIZE = [160, 120] as const;

const MESHES: Record<string, readonly Implementation[]> = {
  peerjs: ['peerjs', 'peerjs', 'peerjs', 'peerjs'],
  peerport: ['peerport', 'peerport', 'peerport', 'peerport'],
};

for (const [name, implementations] of Object.entries(MESHES)) {
  const tag = name === 'peerjs' ? tagsOf('peerjs') : tagsOf('peerport');
  test(`in a mesh of four calls, each peer sees the three others (${name})`, tag, async ({ openPage }) => {
    const ids = SOURCES.map(() => uniqueId());
    const peers = await Promise.all(
      implementations.map(async (implementation, index) => (await openPage(implementation)).open(ids[index])),
    );
    // Each peer calls all earlier ones, as on entering a room.
    await Promise.all(
      peers.map((peer, index) =>
        peer.evaluate(
          async (peer, { others, source, size }) => {
            const stream = await kit.media({ video: source, size });
            peer.on('call', (call) => kit.answer(call, stream));
            for (const to of others) kit.call(peer, to, stream);
          },
          { others: ids.slice(0, index), source: SOURCES[index]!, size: SIZE },
        ),
      ),
    );
    const seen = await Promise.all(
      peers.map(async (peer, index) =>
        Promise.all(
          ids.map(async (id, other) => {
            if (other === index) return 'itself';
            const call = await peer.evaluateHandle(async (peer, id) => {
              const calls = () => kit.connectionsTo(peer, id) as unknown[] as MediaConnection[];
              await kit.watch(peer).until(() => calls().length > 0);
              return calls()[0]!;
            }, id);
            return (await perceive(call, { video: `source ${SOURCES[other]!}` })).video;
          }),
        ),
      ),
    );
    const names = SOURCES.map((source) => `source ${source}`);
    expect(seen).toEqual(names.map((_, index) => names.map((name, other) => (other === index ? 'itself' : name))));
  });
}

const CALLS = 50;

for (const { implementation, route } of [
  { implementation: 'peerjs', route: undefined },
  { implementation: 'peerport', route: 'hosted' },
  { implementation: 'peerport', route: 'direct' },
] as const) {
  const name = [implementation, route].filter(Boolean).join(' ');
  test(
    `${CALLS} calls made and ended leave no RTCPeerConnection open (${name})`,
    tagsOf(implementation),
    async ({ openPage, browsers }) => {
      const subject = await openPage(implementation);
      const counts = [await countInPage(subject.page)];
      const ids = { caller: uniqueId(), callee: uniqueId() };
      const [caller, callee] = await Promise.all([subject.open(ids.caller), subject.open(ids.callee)]);
      if (implementation === 'peerport') counts.push(await countInHost(await browsers.extended()));
      await caller.evaluate(
        async (caller, { callee, to, calls, settings }) => {
          const stream = await kit.media({ tone: 400 });
          for (let index = 0; index < calls; index++) {
            const dialled = kit.call(caller, to, stream, settings);
            const accepted = await kit.incomingCall(callee, index);
            kit.answer(accepted, stream, settings);
            await Promise.all([kit.happened(dialled, 'stream'), kit.happened(accepted, 'willCloseOnRemote')]);
            dialled.close();
            await kit.happened(accepted, 'close');
          }
        },
        { callee, to: ids.callee, calls: CALLS, settings: route ? { route } : {} },
      );
      const total = async () => {
        const all = await Promise.all(counts.map((count) => count()));
        return {
          made: all.reduce((sum, { made }) => sum + made, 0),
          open: all.reduce((sum, { open }) => sum + open, 0),
        };
      };
      await expect.poll(async () => (await total()).open).toBe(0);
      // The control: every call has at least two RTCPeerConnections, and a hosted one has more.
      expect((await total()).made).toBeGreaterThanOrEqual(2 * CALLS);
    },
  );
}
