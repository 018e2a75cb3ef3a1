// How calls end or never start: cancelled, refused, crossed, or cut off with their page or Peer.
import type { JSHandle } from '@playwright/test';
import type { MediaConnection } from 'peerjs';
import { hangUp, openLine, perceive, pickUp, ring, routed, story, storyOf, talk } from '../../support/calls';
import { eachPairing } from '../../support/conformance';
import { DIFFERENCES, FIREFOX_DIFFERENCES } from '../../support/differences';

const UNHEARD = { open: false, events: [], willCloseOnRemote: 0, ice: [] };

const TALKING = { open: true, ...story('stream MediaStream(video)') };

/** Whether each end is open, and which events it has had. */
async function stateOf(...ends: JSHandle<MediaConnection>[]): Promise<unknown[]> {
  return Promise.all(
    ends.map(async (end) => ({ open: await end.evaluate(({ open }) => open), ...(await storyOf(end)) })),
  );
}

eachPairing('when the caller closes before the answer, the callee is not told and neither end emits an event', {
  async run(pair) {
    const line = await openLine(pair);
    const given = await ring(line, { sends: { tone: 400 } });
    const waiting = await stateOf(given.dialled, given.accepted);
    await given.dialled.evaluate((call) => call.close());
    // Once a later call has arrived, no message about the first one is still under way.
    const later = { sends: { tone: 500 }, replies: { tone: 600 } };
    await pickUp(await ring(line, later), later);
    return { waiting, given: await stateOf(given.dialled, given.accepted) };
  },
  expected: { waiting: [UNHEARD, UNHEARD], given: [UNHEARD, UNHEARD] },
});

eachPairing('when the callee refuses, the caller is not told and neither end emits an event', {
  async run(pair) {
    const line = await openLine(pair);
    const refused = await ring(line, { sends: { tone: 400 } });
    await refused.accepted.evaluate((call) => call.close());
    const later = { sends: { tone: 500 }, replies: { tone: 600 } };
    await pickUp(await ring(line, later), later);
    const left = await Promise.all([
      line.dialler.evaluate((peer, to) => kit.connectionsTo(peer, to).length, line.ids.answerer),
      line.answerer.evaluate((peer, to) => kit.connectionsTo(peer, to).length, line.ids.dialler),
    ]);
    return { refused: await stateOf(refused.dialled, refused.accepted), left };
  },
  expected: {
    refused: [UNHEARD, UNHEARD],
    // The caller's list still has the refused call beside the later one.
    left: [2, 1],
  },
});

eachPairing('a second answer with another stream changes nothing', {
  async run(pair) {
    const call = await talk(pair, { sends: { video: 1 }, replies: { video: 2 } });
    const { dialled, accepted, answerer } = call;
    await accepted.evaluate(
      async (call, settings) => kit.answer(call, await kit.media({ video: 3, tone: 400 }), settings),
      routed(pair.answerer),
    );
    return {
      atCaller: await perceive(dialled, { video: 'source 2' }),
      atCallee: await perceive(accepted, { video: 'source 1' }),
      states: await stateOf(dialled, accepted),
      errors: await answerer.evaluate((peer) => kit.watch(peer).count('error')),
    };
  },
  expected: {
    atCaller: { video: 'source 2' },
    atCallee: { video: 'source 1' },
    states: [TALKING, TALKING],
    errors: 0,
  },
});

eachPairing('two Peers that call each other at the same time have two calls', {
  async run(pair) {
    const line = await openLine(pair);
    const place = (from: 'dialler' | 'answerer', to: string, video: number) =>
      line[from].evaluateHandle(
        async (peer, { to, video, settings }) => kit.call(peer, to, await kit.media({ video }), settings),
        { to, video, settings: routed(pair[from]) },
      );
    const pickUpAt = (end: 'dialler' | 'answerer', video: number) =>
      line[end].evaluateHandle(
        async (peer, { video, settings }) => {
          const call = await kit.incomingCall(peer);
          kit.answer(call, await kit.media({ video }), settings);
          return call;
        },
        { video, settings: routed(pair[end]) },
      );
    const [there, back] = await Promise.all([
      place('dialler', line.ids.answerer, 1),
      place('answerer', line.ids.dialler, 2),
    ]);
    const [comeBack, gotThere] = await Promise.all([pickUpAt('dialler', 3), pickUpAt('answerer', 4)]);
    const seen = await Promise.all([
      perceive(there, { video: 'source 4' }),
      perceive(gotThere, { video: 'source 1' }),
      perceive(back, { video: 'source 3' }),
      perceive(comeBack, { video: 'source 2' }),
    ]);
    await hangUp(there, gotThere);
    return { seen, left: await perceive(comeBack, { video: 'source 2' }), states: await stateOf(back, comeBack) };
  },
  expected: {
    seen: [{ video: 'source 4' }, { video: 'source 1' }, { video: 'source 3' }, { video: 'source 2' }],
    left: { video: 'source 2' },
    states: [TALKING, TALKING],
  },
});

eachPairing('several calls between two Peers are independent: each has its own media and ends alone', {
  async run(pair) {
    const line = await openLine(pair);
    const calls = [];
    for (const source of [1, 2, 3]) {
      const plan = { sends: { video: source, tone: source * 200 }, replies: { tone: source * 300 } };
      const call = await ring(line, plan);
      await pickUp(call, plan);
      calls.push(call);
    }
    const perceived = await Promise.all(
      calls.map(({ accepted }, index) =>
        perceive(accepted, { video: `source ${index + 1}`, audio: `tone ${(index + 1) * 200}` }),
      ),
    );
    await hangUp(calls[1]!.accepted, calls[1]!.dialled);
    const after = await Promise.all([
      perceive(calls[0]!.dialled, { audio: 'tone 300' }),
      perceive(calls[2]!.accepted, { video: 'source 3' }),
    ]);
    return {
      perceived,
      after,
      open: await Promise.all(calls.map(({ dialled }) => dialled.evaluate(({ open }) => open))),
    };
  },
  expected: {
    perceived: [
      { video: 'source 1', audio: 'tone 200' },
      { video: 'source 2', audio: 'tone 400' },
      { video: 'source 3', audio: 'tone 600' },
    ],
    after: [{ audio: 'tone 300' }, { video: 'source 3' }],
    open: [true, false, true],
  },
});

eachPairing('a call survives its Peer’s disconnect, and ends with its Peer', {
  async run(pair) {
    const { dialled, accepted, dialler } = await talk(pair, { sends: { video: 1 }, replies: { video: 2 } });
    await dialler.evaluate((peer) => peer.disconnect());
    const seen = [await perceive(dialled, { video: 'source 2' }), await perceive(accepted, { video: 'source 1' })];
    await dialler.evaluate((peer) => peer.destroy());
    await accepted.evaluate((call) => kit.happened(call, 'close'));
    return { seen, dialled: await storyOf(dialled), accepted: await storyOf(accepted) };
  },
  expected: {
    seen: [{ video: 'source 2' }, { video: 'source 1' }],
    dialled: story('stream MediaStream(video)', 'close'),
    accepted: story('stream MediaStream(video)', 'close'),
  },
});

eachPairing('closing the page in mid-call is noticed at the other end', {
  async run(pair) {
    const { accepted } = await talk(pair, { sends: { tone: 400 }, replies: { tone: 500 } });
    await pair.dialler.page.close();
    await accepted.evaluate(async (call) => {
      const seen = kit.watch(call);
      const isLost = () => seen.occurrences.some(({ argument }) => argument === 'disconnected');
      await seen.until(() => isLost() || seen.count('close') > 0);
    });
    return storyOf(accepted);
  },
  // PeerJS never closes this call: ICE does not reach `failed`.
  expected: {
    ...story('stream MediaStream(audio)'),
    ice: ['checking', 'connected', 'disconnected'],
  },
  inFirefox: {
    because: FIREFOX_DIFFERENCES.closesOnExit,
    expected: story('stream MediaStream(audio)', 'close'),
  },
  differs: {
    end: 'dialler',
    because: DIFFERENCES.goneHangsUp,
    expected: story('stream MediaStream(audio)', 'close'),
  },
});
