// Calls over a network that loses packets, and over one that becomes narrow: what the remote leg meets there has to
// reach the page's encoder, which is not on that leg.
import { expect, test as base, type Pair, type PeerPage } from '../support/fixtures';
import { perceive, talk, type Call } from '../support/calls';
import { tagsOf, title, type Pairing } from '../support/conformance';
import type { Sending, Wish } from '../pages/kit/sending';
import { startNarrowLink, type NarrowLink } from '../support/narrow-link';
import type { MediaConnection } from 'peerjs';
import type { JSHandle } from '@playwright/test';

const test = base.extend<{ link: NarrowLink }>({
  link: async ({ peerServer }, use) => {
    const link = await startNarrowLink(peerServer);
    await use(link);
    await link.close();
  },
});

/** The end that is looked at is the caller, so it is ours. */
const PAIRINGS: readonly Pairing[] = [
  { dialler: 'peerport', answerer: 'peerport', routes: { dialler: 'hosted', answerer: 'hosted' } },
  { dialler: 'peerport', answerer: 'peerjs', routes: { dialler: 'hosted' } },
];

/** One way, as between neighbouring countries. */
const DELAY_MS = 20;

/** After the packets come through again. */
const RECOVERY_SECONDS = 2;
const LOST_PACKETS = 20;

/** Bits a second. */
const NARROW = 250_000;
/** A picture that the encoder has made small for the narrow link takes 600 kbit/s at most until it is large again. */
const PLENTY = 550_000;
/** What is sent again comes on top of what the link carries. */
const NARROWED = 1.1 * NARROW;
/** More than the narrow link can carry. */
const AGAIN = 1.2 * NARROW;
/** The browser's estimate falls within seconds, and rises by less than a tenth a second; on a busy machine by far less. */
const PATIENCE_MS = 120_000;
/** With the link's own queue and delay, which are a third of a second, and what two busy browsers add to it. */
const MAX_LAG_SECONDS = 2;
const FRAMES_PER_SECOND = 30;
/** The kit's frame numbers begin anew after this many. */
const FRAMES = 1024;

async function openPair(openPage: Open, { dialler, answerer, routes }: Pairing): Promise<Pair> {
  const [first, second] = await Promise.all([openPage(dialler, routes?.dialler), openPage(answerer, routes?.answerer)]);
  return { dialler: first, answerer: second };
}

type Open = (implementation: Pairing['dialler'], route?: PeerPage['route']) => Promise<PeerPage>;

function seenAtBothEnds({ dialled, accepted }: Call, suffix = ''): Promise<unknown[]> {
  return Promise.all([
    perceive(accepted, { video: `source 1${suffix}` }),
    perceive(dialled, { video: `source 2${suffix}` }),
  ]);
}

/** What each end shows of its own picture. */
function framesSent({ dialled, accepted }: Call): Promise<number[]> {
  return Promise.all([dialled, accepted].map((end) => end.evaluate((call) => kit.frameShown(call.localStream))));
}

/**
 * How long each end's picture has been away from the other: from the frame that it showed before, to the first drawn later that
 * the other end sees. By the frames' own numbers, because on a busy machine all else takes longer.
 */
async function secondsAway({ dialled, accepted }: Call, before: number[]): Promise<number[]> {
  const seen = await Promise.all(
    [accepted, dialled].map((end, index) =>
      end.evaluate((call, frame) => kit.frameShownAfter(call.remoteStream, frame), before[index]!),
    ),
  );
  return seen.map((frame, index) => ((frame - before[index]! + FRAMES) % FRAMES) / FRAMES_PER_SECOND);
}

/** How far what is seen at one end is behind what the other shows; asked for last, that is ahead rather than behind. */
async function lagSeconds(from: JSHandle<MediaConnection>, to: JSHandle<MediaConnection>): Promise<number> {
  const seen = await to.evaluate((call) => kit.frameShown(call.remoteStream));
  const sent = await from.evaluate((call) => kit.frameShown(call.localStream));
  return ((sent - seen + FRAMES) % FRAMES) / FRAMES_PER_SECOND;
}

/** What the page's encoder aims at and what goes to the remote, as soon as both are as wished. */
function becomes(from: JSHandle<MediaConnection>, wish: Wish): Promise<Sending> {
  return from.evaluate((call, [wish, patienceMs]) => kit.sendingUntil(call, wish, patienceMs), [
    wish,
    PATIENCE_MS,
  ] as const);
}

function expectAll({ target, sent }: Sending, { above = 0, below = Infinity }: Wish): void {
  for (const rate of [target, sent]) {
    expect(rate).toBeGreaterThan(above);
    expect(rate).toBeLessThan(below);
  }
}

for (const pairing of PAIRINGS) {
  test(
    `the picture is back within two seconds of a network that has lost everything, and lives on where a tenth is lost (${title(pairing)})`,
    tagsOf('peerport'),
    async ({ openPage, link }) => {
      link.set({ delayMs: DELAY_MS });
      const call = await talk(await openPair(openPage, pairing), { sends: { video: 1 }, replies: { video: 2 } });
      const moving = [{ video: 'source 1' }, { video: 'source 2' }];
      expect(await seenAtBothEnds(call)).toEqual(moving);

      link.set({ delayMs: DELAY_MS, loss: 1 });
      expect(await seenAtBothEnds(call, ' frozen')).toEqual([
        { video: 'source 1 frozen' },
        { video: 'source 2 frozen' },
      ]);
      link.set({ delayMs: DELAY_MS, loss: 0.1 });
      const recovered = await secondsAway(call, await framesSent(call));
      expect(await seenAtBothEnds(call)).toEqual(moving);

      const lost = link.lostCount;
      await expect.poll(() => link.lostCount - lost).toBeGreaterThan(LOST_PACKETS);
      expect(await seenAtBothEnds(call)).toEqual(moving);
      link.set({ delayMs: DELAY_MS });
      const cleaned = await secondsAway(call, await framesSent(call));
      expect(await seenAtBothEnds(call)).toEqual(moving);
      for (const seconds of [...recovered, ...cleaned]) expect(seconds).toBeLessThan(RECOVERY_SECONDS);
    },
  );

  test(
    `the sender follows the network when it becomes narrow, and when it becomes wide again (${title(pairing)})`,
    tagsOf('peerport'),
    async ({ openPage, link }) => {
      // Each of three waits may take that long, and the rest of the test its own time.
      test.setTimeout(4 * PATIENCE_MS);
      link.set({ delayMs: DELAY_MS });
      const { dialled, accepted } = await talk(await openPair(openPage, pairing), {
        sends: { video: 1, size: [480, 360], grain: true },
      });
      expectAll(await becomes(dialled, { above: PLENTY }), { above: PLENTY });

      link.set({ delayMs: DELAY_MS, rate: NARROW });
      expectAll(await becomes(dialled, { below: NARROWED }), { below: NARROWED });
      await expect.poll(() => lagSeconds(dialled, accepted)).toBeLessThan(MAX_LAG_SECONDS);
      expect(await perceive(accepted, { video: 'source 1' })).toEqual({ video: 'source 1' });

      link.set({ delayMs: DELAY_MS });
      expectAll(await becomes(dialled, { above: AGAIN }), { above: AGAIN });
    },
  );
}
