// The two routes of a call's media: who chooses the route, that both routes show the page the connection to the remote peer,
// and what happens to a hosted call when its page, its peerConnection or the service worker ends.
import type { JSHandle } from '@playwright/test';
import type { MediaConnection } from 'peerjs';
import type { Route } from '../pages/kit/calls';
import type { PeerSettings } from '../pages/kit/kit';
import type { ExtendedBrowser } from '../support/browser';
import { hangUp, openLine, perceive, pickUp, ring, talk, type Call } from '../support/calls';
import { expect, PeerPage, test as base, type Pair } from '../support/fixtures';
import { countInHost, countInPage, type PeerConnectionCount } from '../support/peer-connection-count';
import { freshOrigin, visit } from '../support/prompt-page';
import type { SeenMessage } from '../support/peer-server';

type Side = keyof Pair;
const SIDES: readonly Side[] = ['dialler', 'answerer'];
const ROUTES: readonly Route[] = ['hosted', 'direct'];

const PLAN = { sends: { video: 1, tone: 400 }, replies: { video: 2, tone: 700 } };
const AT_CALLEE = { video: 'source 1', audio: 'tone 400' };
const AT_CALLER = { video: 'source 2', audio: 'tone 700' };

/** PeerJS declares the log level as an enum that does not exist at run time. */
const WARNINGS = { debug: 2 } as unknown as PeerSettings;

interface Fixtures {
  /** The browser with the extension; another page keeps its host running. */
  extended: ExtendedBrowser;
  /** Makes a pair: the given page at this side, and a PeerJS page at the other. */
  facing: (side: Side, peerport: PeerPage) => Promise<Pair>;
  /** From now on no page leg connects to the host, as in a browser whose policy forbids it. */
  preventPageLegs: () => Promise<void>;
}

const test = base.extend<Fixtures>({
  extended: async ({ browsers, openPage }, use) => {
    await (await openPage('peerport')).open();
    await use(await browsers.extended());
  },
  facing: async ({ openPage }, use) => {
    await use(async (side, peerport) => {
      const peerjs = await openPage('peerjs');
      return side === 'dialler' ? { dialler: peerport, answerer: peerjs } : { dialler: peerjs, answerer: peerport };
    });
  },
  preventPageLegs: async ({ extended }, use) => {
    await use(() => extended.evaluateInHost(PREVENT_PAGE_LEGS));
    await extended.evaluateInHost('globalThis.__allowPageLegs?.()');
  },
});

/** Page legs are the only connections without ICE servers. With relays only, and no relay, they never connect. */
const PREVENT_PAGE_LEGS = `(() => {
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class RTCPeerConnection extends Native {
    constructor(config) {
      super(config.iceServers ? config : { ...config, iceTransportPolicy: 'relay' });
    }
  };
  globalThis.__allowPageLegs = () => {
    globalThis.RTCPeerConnection = Native;
  };
})()`;

async function seenAtBothEnds({ dialled, accepted }: Call): Promise<unknown> {
  return Promise.all([perceive(accepted, AT_CALLEE), perceive(dialled, AT_CALLER)]);
}

function endAt(side: Side, { dialled, accepted }: Call): JSHandle<MediaConnection> {
  return side === 'dialler' ? dialled : accepted;
}

function otherEnd(side: Side, { dialled, accepted }: Call): JSHandle<MediaConnection> {
  return side === 'dialler' ? accepted : dialled;
}

/** How many offers, answers and repeated candidates were signalled for the call. */
async function signalled(call: Call, messages: readonly SeenMessage[]): Promise<Record<string, number>> {
  const id = await call.dialled.evaluate(({ connectionId }) => connectionId);
  const ours = messages.filter(({ payload }) => payload?.connectionId === id);
  const candidates = ours.filter(({ type }) => type === 'CANDIDATE').map(({ payload }) => JSON.stringify(payload));
  return {
    offers: ours.filter(({ type }) => type === 'OFFER').length,
    answers: ours.filter(({ type }) => type === 'ANSWER').length,
    repeatedCandidates: candidates.length - new Set(candidates).size,
  };
}

const ONCE = { offers: 1, answers: 1, repeatedCandidates: 0 };

/** RTCPeerConnections on each route. Hosted: the host has the remote leg and one end of the page leg, the page its other end. */
const CONNECTIONS: Record<Route, { page: number; host: number }> = {
  hosted: { page: 1, host: 2 },
  direct: { page: 1, host: 0 },
};

type Count = () => Promise<PeerConnectionCount>;

async function openConnections(inPage: Count, inHost: Count): Promise<{ page: number; host: number }> {
  const [page, host] = await Promise.all([inPage(), inHost()]);
  return { page: page.open, host: host.open };
}

for (const side of SIDES) {
  const name = side === 'dialler' ? 'caller' : 'callee';
  test(`a ${name} whose page leg does not connect takes the direct route`, async ({
    openPage,
    facing,
    preventPageLegs,
    extended,
    peerServer,
  }) => {
    await preventPageLegs();
    const subject = await openPage('peerport', 'hosted');
    const counts = [await countInPage(subject.page), await countInHost(extended)] as const;
    const warnings: string[] = [];
    subject.page.on('console', (message) => {
      if (message.type() === 'warning') warnings.push(message.text());
    });
    const line = await openLine(await facing(side, subject), WARNINGS);
    const call = await ring(line, PLAN);
    await pickUp(call, PLAN);
    expect(await seenAtBothEnds(call)).toEqual([AT_CALLEE, AT_CALLER]);
    expect(await openConnections(...counts)).toEqual(CONNECTIONS.direct);
    expect(await signalled(call, peerServer.messages)).toEqual(ONCE);
    const id = await call.dialled.evaluate(({ connectionId }) => connectionId);
    expect(warnings.filter((text) => text.includes('route'))).toEqual([
      expect.stringContaining(`MC#${id} takes the direct route: `),
    ]);
  });
}

for (const [chosen, asked] of [
  ['direct', 'hosted'],
  ['direct', undefined],
  ['hosted', 'direct'],
] as const) {
  for (const side of SIDES) {
    const name = side === 'dialler' ? 'caller' : 'callee';
    const wish = asked ? `asks for ${asked}` : 'asks for no route';
    test(`the user's choice of the ${chosen} route holds for a ${name} whose page ${wish}`, async ({
      extended,
      facing,
      site,
      peerServer,
    }) => {
      const origin = freshOrigin(site);
      await extended.allow(origin);
      await extended.setSettings(origin, { callRoute: chosen });
      const { page } = await visit(extended.context, origin, peerServer);
      const counts = [await countInPage(page), await countInHost(extended)] as const;
      const call = await talk(await facing(side, new PeerPage(page, 'peerport', peerServer, asked)), PLAN);
      expect(await seenAtBothEnds(call)).toEqual([AT_CALLEE, AT_CALLER]);
      expect(await openConnections(...counts)).toEqual(CONNECTIONS[chosen]);
      expect(await signalled(call, peerServer.messages)).toEqual(ONCE);
      await page.close();
    });
  }
}

/** Which of the usual kinds of statistics the call has, and the remote ICE username fragment of the candidate pair in use. */
async function statsOf(end: JSHandle<MediaConnection>): Promise<{ types: string[]; remote: string | undefined }> {
  return end.evaluate(async (call) => {
    const report = await (call as unknown as { getStats: () => Promise<Map<string, RTCStats>> }).getStats();
    const pairs = Array.from(report.values()).filter(({ type }) => type === 'candidate-pair');
    const pair = (pairs as RTCIceCandidatePairStats[]).find(({ nominated }) => nominated);
    const remote = report.get(pair?.remoteCandidateId ?? '') as { usernameFragment?: string } | undefined;
    const wanted = ['candidate-pair', 'inbound-rtp', 'outbound-rtp'];
    const types = new Set(Array.from(report.values(), ({ type }) => type as string));
    return { types: wanted.filter((type) => types.has(type)), remote: remote?.usernameFragment };
  });
}

for (const route of ROUTES) {
  for (const side of SIDES) {
    test(`getStats() describes the connection to the remote peer (${route} ${side})`, async ({ openPage, facing }) => {
      const call = await talk(await facing(side, await openPage('peerport', route)), PLAN);
      expect(await seenAtBothEnds(call)).toEqual([AT_CALLEE, AT_CALLER]);
      const fragment = await otherEnd(side, call).evaluate(
        ({ peerConnection }) => /^a=ice-ufrag:(\S+)/m.exec(peerConnection.localDescription!.sdp)![1],
      );
      expect(await statsOf(endAt(side, call))).toEqual({
        types: ['candidate-pair', 'inbound-rtp', 'outbound-rtp'],
        remote: fragment,
      });
    });
  }
}

for (const side of SIDES) {
  test(`closing the page in mid-call ends the call at the other end and leaves no connection in the host (${side})`, async ({
    extended,
    openPage,
    facing,
  }) => {
    const subject = await openPage('peerport', 'hosted');
    const inHost = await countInHost(extended);
    const call = await talk(await facing(side, subject), PLAN);
    expect((await inHost()).open).toBe(CONNECTIONS.hosted.host);
    await subject.page.close();
    await otherEnd(side, call).evaluate((call) => kit.happened(call, 'close'));
    await expect.poll(async () => (await inHost()).open).toBe(0);
  });

  test(`a page that closes the call's peerConnection ends the call at both ends (hosted ${side})`, async ({
    extended,
    openPage,
    facing,
  }) => {
    const subject = await openPage('peerport', 'hosted');
    const inHost = await countInHost(extended);
    const call = await talk(await facing(side, subject), PLAN);
    await endAt(side, call).evaluate(({ peerConnection }) => peerConnection.close());
    const ends = [call.dialled, call.accepted];
    await Promise.all(ends.map((end) => end.evaluate((call) => kit.happened(call, 'close'))));
    expect(await Promise.all(ends.map((end) => end.evaluate(({ open }) => open)))).toEqual([false, false]);
    await expect.poll(async () => (await inHost()).open).toBe(0);
  });
}

test('killing the service worker in mid-call changes nothing', async ({ extended, openPage, facing }) => {
  const call = await talk(await facing('dialler', await openPage('peerport', 'hosted')), PLAN);
  expect(await seenAtBothEnds(call)).toEqual([AT_CALLEE, AT_CALLER]);
  await extended.killServiceWorker();
  expect(await seenAtBothEnds(call)).toEqual([AT_CALLEE, AT_CALLER]);
  await hangUp(call.accepted, call.dialled);
});

/** Limits in the page that hold although the remote leg could take more, bits a second. */
for (const { limit, pageLimit, highest } of [
  { limit: 'the limit that the page sets on its own sender', pageLimit: 60_000, highest: 60_000 },
  { limit: 'the browser’s limit for pictures of 320 by 240', pageLimit: undefined, highest: 600_000 },
]) {
  test(`the remote leg's bitrate limit does not exceed ${limit}`, async ({ openPage, facing }) => {
    // A grainy picture takes many bits, so the bandwidth estimate does not stay low.
    const plan = { sends: { video: 1, grain: true } };
    const call = await ring(await openLine(await facing('dialler', await openPage('peerport', 'hosted'))), plan);
    const limits = await call.dialled.evaluateHandle(async ({ peerConnection }, pageLimit) => {
      const sender = peerConnection.getSenders().find(({ track }) => track?.kind === 'video')!;
      const parameters = sender.getParameters();
      if (pageLimit !== undefined) parameters.encodings[0]!.maxBitrate = pageLimit;
      await sender.setParameters(parameters);
      const native = sender.setParameters.bind(sender);
      const limits: number[] = [];
      sender.setParameters = (parameters, ...rest) => {
        limits.push(parameters.encodings[0]!.maxBitrate ?? Infinity);
        return native(parameters, ...rest);
      };
      return limits;
    }, pageLimit);
    await pickUp(call, plan);
    // The page learns that the remote leg could take more.
    const available = () =>
      call.dialled.evaluate(async ({ peerConnection }) => {
        const report = (await peerConnection.getStats()) as unknown as Map<string, RTCIceCandidatePairStats>;
        return Math.max(...Array.from(report.values(), ({ availableOutgoingBitrate = 0 }) => availableOutgoingBitrate));
      });
    await expect.poll(available).toBeGreaterThan(1.2 * highest);
    await expect.poll(() => limits.evaluate((limits) => limits.at(-1))).toBe(highest);
    expect(await limits.evaluate((limits) => Math.max(...limits))).toBe(highest);
  });
}
