// Calls over a network that loses packets or becomes narrow. The remote leg sees these conditions, and the page's encoder has to
// react to them, although it sits on the page leg.
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

/** The tests look at the caller, so the caller is always Peerport. */
const PAIRINGS: readonly Pairing[] = [
  { dialler: 'peerport', answerer: 'peerport', routes: { dialler: 'hosted', answerer: 'hosted' } },
  { dialler: 'peerport', answerer: 'peerjs', routes: { dialler: 'hosted' } },
];

/** One-way delay, as between neighbouring countries. */
const DELAY_MS = 20;

/** How soon the picture has to be back once packets get through again. */
const RECOVERY_SECONDS = 2;
const LOST_PACKETS = 20;

/** Rate of the narrow network, bits a second. */
const NARROW = 250_000;
/** A rate that the wide network reaches, bits a second. A picture scaled down for the narrow one takes up to 600 kbit/s. */
const PLENTY = 550_000;
/** The narrow rate with an allowance for retransmitted packets. */
const NARROWED = 1.1 * NARROW;
/** More than the narrow network can carry. */
const AGAIN = 1.2 * NARROW;
/** The browser's bandwidth estimate falls within seconds but rises by less than 10 % a second, far slower on a busy machine. */
const PATIENCE_MS = 120_000;
/** The network's own queue and delay take a third of a second; the rest is for two busy browsers. */
const MAX_LAG_SECONDS = 2;
const FRAMES_PER_SECOND = 30;
/** The kit's frame numbers wrap around after this many. */
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

/** The number of the frame that each end is sending. */
function framesSent({ dialled, accepted }: Call): Promise<number[]> {
  return Promise.all([dialled, accepted].map((end) => end.evaluate((call) => kit.frameShown(call.localStream))));
}

/**
 * How long each end's picture was missing at the other end, seconds: from the frame sent `before` to the first later frame that
 * arrives. Counted in frame numbers, because other clocks are unreliable on a busy machine.
 */
async function secondsAway({ dialled, accepted }: Call, before: number[]): Promise<number[]> {
  const seen = await Promise.all(
    [accepted, dialled].map((end, index) =>
      end.evaluate((call, frame) => kit.frameShownAfter(call.remoteStream, frame), before[index]!),
    ),
  );
  return seen.map((frame, index) => ((frame - before[index]! + FRAMES) % FRAMES) / FRAMES_PER_SECOND);
}

/** By how many seconds the picture at `to` lags behind `from`. Reads `from` last, so the result is too high rather than too low. */
async function lagSeconds(from: JSHandle<MediaConnection>, to: JSHandle<MediaConnection>): Promise<number> {
  const seen = await to.evaluate((call) => kit.frameShown(call.remoteStream));
  const sent = await from.evaluate((call) => kit.frameShown(call.localStream));
  return ((sent - seen + FRAMES) % FRAMES) / FRAMES_PER_SECOND;
}

/** The encoder's target and the rate sent to the remote peer, once both meet `wish` or the patience ends. */
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
    `the picture returns within two seconds after a network outage, and survives the loss of every tenth packet (${title(pairing)})`,
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
    `the sender adapts when the network becomes narrow, and when it becomes wide again (${title(pairing)})`,
    tagsOf('peerport'),
    async ({ openPage, link }) => {
      // Each of the three waits may take PATIENCE_MS; the fourth share is for the rest of the test.
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
