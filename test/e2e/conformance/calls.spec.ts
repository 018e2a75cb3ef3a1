// A call from dialling to hanging up: who sees and hears whom, the order of events, and the members of the call's two objects
// at each stage.
import { hangUp, membersOf, openLine, perceive, pickUp, ring, story, storyOf, talk } from '../../support/calls';
import { eachPairing, ROUTED_PAIRINGS, ROUTES_AT_EITHER_END } from '../../support/conformance';
import { relabel } from '../../support/fixtures';

const BOTH = 'stream MediaStream(audio, video)';

eachPairing(
  'a call carries picture and sound both ways until the caller hangs up',
  {
    async run(pair) {
      const call = await talk(pair, { sends: { video: 1, tone: 400 }, replies: { video: 2, tone: 700 } });
      const { dialled, accepted } = call;
      const [atCallee, atCaller] = await Promise.all([
        perceive(accepted, { video: 'source 1', audio: 'tone 400' }),
        perceive(dialled, { video: 'source 2', audio: 'tone 700' }),
      ]);
      const sent = await dialled.evaluateHandle((call) => call.localStream);
      await hangUp(dialled, accepted);
      return {
        atCallee,
        atCaller,
        dialled: await storyOf(dialled),
        accepted: await storyOf(accepted),
        tracks: await sent.evaluate((stream) => stream.getTracks().map(({ readyState }) => readyState)),
      };
    },
    expected: {
      atCallee: { video: 'source 1', audio: 'tone 400' },
      atCaller: { video: 'source 2', audio: 'tone 700' },
      dialled: story(BOTH, BOTH, 'close'),
      accepted: story(BOTH, BOTH, 'close'),
      tracks: ['live', 'live'],
    },
  },
  ROUTED_PAIRINGS,
);

eachPairing(
  'a call with sound alone ends once at both ends when the callee hangs up',
  {
    async run(pair) {
      const { dialled, accepted } = await talk(pair, { sends: { tone: 500 }, replies: { tone: 900 } });
      const [atCallee, atCaller] = await Promise.all([
        perceive(accepted, { audio: 'tone 500' }),
        perceive(dialled, { audio: 'tone 900' }),
      ]);
      await hangUp(accepted, dialled);
      // A second close() emits nothing.
      for (const end of [dialled, accepted]) await end.evaluate((call) => call.close());
      return { atCallee, atCaller, dialled: await storyOf(dialled), accepted: await storyOf(accepted) };
    },
    expected: {
      atCallee: { audio: 'tone 500' },
      atCaller: { audio: 'tone 900' },
      dialled: story('stream MediaStream(audio)', 'close'),
      accepted: story('stream MediaStream(audio)', 'close'),
    },
  },
  ROUTES_AT_EITHER_END,
);

eachPairing(
  '`stream` is emitted once per track, always with the same remote stream, which has the sender’s stream ID',
  {
    async run(pair) {
      const call = await talk(pair, { sends: { video: 3, tone: 400 }, replies: { video: 4, tone: 700 } });
      const streamsOf = (end: typeof call.dialled) =>
        end.evaluate(async (call) => {
          await kit.happened(call, 'stream', 2);
          const streams = kit.watch(call).occurrences.filter(({ event }) => event === 'stream');
          return {
            texts: streams.map(({ text }) => text),
            same: streams.every(({ argument }) => argument === call.remoteStream),
            live: call.remoteStream.getTracks().map(({ kind, readyState }) => `${kind} ${readyState}`),
            ids: { local: call.localStream.id, remote: call.remoteStream.id },
          };
        });
      const { ids: atCaller, ...dialled } = await streamsOf(call.dialled);
      const { ids: atCallee, ...accepted } = await streamsOf(call.accepted);
      return {
        dialled,
        accepted,
        sameIds: [atCallee.remote === atCaller.local, atCaller.remote === atCallee.local],
      };
    },
    expected: {
      dialled: { texts: [BOTH, BOTH], same: true, live: ['audio live', 'video live'] },
      accepted: { texts: [BOTH, BOTH], same: true, live: ['audio live', 'video live'] },
      sameIds: [true, true],
    },
  },
);

eachPairing('a callee that answers without a stream receives media and sends none', {
  async run(pair) {
    const { dialled, accepted } = await talk(pair, { sends: { video: 5, tone: 600 } });
    const atCallee = await perceive(accepted, { video: 'source 5', audio: 'tone 600' });
    const streams = [await dialled.evaluate(membersOf), await accepted.evaluate(membersOf)].map(
      ({ open, localStream, remoteStream }) => ({ open, localStream, remoteStream }),
    );
    await hangUp(accepted, dialled);
    return { atCallee, streams, dialled: await storyOf(dialled), accepted: await storyOf(accepted) };
  },
  expected: {
    atCallee: { video: 'source 5', audio: 'tone 600' },
    streams: [
      { open: true, localStream: 'MediaStream(audio, video)', remoteStream: 'undefined' },
      { open: true, localStream: 'undefined', remoteStream: 'MediaStream(audio, video)' },
    ],
    dialled: story('close'),
    accepted: story(BOTH, BOTH, 'close'),
  },
});

eachPairing('a caller without video gets no video from the callee, unless its constraints ask for it', {
  async run(pair) {
    const plan = { sends: { tone: 500 }, replies: { video: 6, tone: 800 } };
    const line = await openLine(pair);
    const results: unknown[] = [];
    for (const settings of [{}, { constraints: { offerToReceiveVideo: true } }]) {
      const call = await ring(line, { ...plan, settings });
      await pickUp(call, plan);
      const asked = 'constraints' in settings;
      results.push({
        atCaller: await perceive(call.dialled, { audio: 'tone 800', ...(asked && { video: 'source 6' }) }),
        atCallee: await perceive(call.accepted, { audio: 'tone 500' }),
        dialled: await storyOf(call.dialled),
        accepted: await storyOf(call.accepted),
      });
    }
    return results;
  },
  expected: [
    {
      atCaller: { audio: 'tone 800' },
      atCallee: { audio: 'tone 500' },
      dialled: story('stream MediaStream(audio)'),
      accepted: story('stream MediaStream(audio)'),
    },
    {
      atCaller: { video: 'source 6', audio: 'tone 800' },
      atCallee: { audio: 'tone 500' },
      dialled: story(BOTH, BOTH),
      accepted: story('stream MediaStream(audio)'),
    },
  ],
});

const metadata = { text: 'ünï', list: [1, null, { deep: true }] };

const TALKING = {
  open: true,
  remoteStream: 'MediaStream(audio)',
  peerConnection: 'stable',
  dataChannel: 'open "undefined"',
};

const CLOSED = {
  localStream: 'null',
  remoteStream: 'null',
  peerConnection: 'null',
  dataChannel: 'closed "undefined"',
};

/** The members of a call that has just arrived. */
function members(peer: string, provider: string): ReturnType<typeof membersOf> {
  return {
    peer,
    type: 'media',
    open: false,
    label: 'undefined',
    metadata: '{"text": "ünï", "list": [1, null, {"deep": true}]}',
    localStream: 'undefined',
    remoteStream: 'undefined',
    peerConnection: 'undefined',
    dataChannel: 'undefined',
    provider,
  };
}

eachPairing('a call has PeerJS’s members at each stage and both ends', {
  async run(pair) {
    const plan = { sends: { tone: 500 }, settings: { metadata }, replies: { video: 6, tone: 800 } };
    const line = await openLine(pair);
    const call = await ring(line, plan);
    const { dialled, accepted } = call;
    const seen: Record<string, unknown> = {
      'dialled, ringing': await dialled.evaluate(membersOf),
      'accepted, ringing': await accepted.evaluate(membersOf),
    };
    const connectionIds = [dialled, accepted].map((end) => end.evaluate(({ connectionId }) => connectionId));
    const [id, sameId] = await Promise.all(connectionIds);
    const known = await line.answerer.evaluate(
      (peer, [from, id]) => kit.callsTo(peer)[0] === peer.getConnection(from, id),
      [line.ids.dialler, id!] as const,
    );
    await pickUp(call, plan);
    seen['dialled, talking'] = await dialled.evaluate(membersOf);
    seen['accepted, talking'] = await accepted.evaluate(membersOf);
    await hangUp(dialled, accepted);
    seen['dialled, closed'] = await dialled.evaluate(membersOf);
    seen['accepted, closed'] = await accepted.evaluate(membersOf);
    const left = await Promise.all([
      line.dialler.evaluate((peer, to) => kit.connectionsTo(peer, to).length, line.ids.answerer),
      line.answerer.evaluate((peer, to) => kit.connectionsTo(peer, to).length, line.ids.dialler),
    ]);
    return relabel(
      { members: seen, isId: /^mc_[a-z0-9]{8,}$/.test(id!), sameId: sameId === id, known, left },
      line.ids,
    );
  },
  expected: {
    members: {
      'dialled, ringing': {
        ...members('<answerer>', '<dialler>'),
        localStream: 'MediaStream(audio)',
        peerConnection: 'have-local-offer',
        dataChannel: 'connecting "undefined"',
      },
      'accepted, ringing': members('<dialler>', '<answerer>'),
      'dialled, talking': {
        ...members('<answerer>', '<dialler>'),
        ...TALKING,
        localStream: 'MediaStream(audio)',
      },
      'accepted, talking': {
        ...members('<dialler>', '<answerer>'),
        ...TALKING,
        localStream: 'MediaStream(audio, video)',
      },
      'dialled, closed': { ...members('<answerer>', 'null'), ...CLOSED },
      'accepted, closed': { ...members('<dialler>', 'null'), ...CLOSED },
    },
    isId: true,
    sameId: true,
    known: true,
    left: [0, 0],
  },
});

eachPairing('call() and answer() take effect before they return', {
  async run(pair) {
    const line = await openLine(pair);
    const dialled = await line.dialler.evaluate(async (peer, to) => {
      const stream = await kit.media({ video: 1 });
      const call = kit.call(peer, to, stream, { connectionId: 'mc_mine' });
      return {
        open: call.open,
        id: call.connectionId,
        isStream: call.localStream === stream,
        senders: call.peerConnection.getSenders().map(({ track }) => track === stream.getTracks()[0]),
        channel: [call.dataChannel.readyState, call.dataChannel.label, call.dataChannel.ordered],
        known: kit.connectionsTo(peer, to)[0] === (call as unknown),
      };
    }, line.ids.answerer);
    const accepted = await line.answerer.evaluate(async (peer) => {
      const call = await kit.incomingCall(peer);
      const stream = await kit.media({ video: 2 });
      kit.answer(call, stream);
      return {
        open: call.open,
        id: call.connectionId,
        isStream: call.localStream === stream,
        senders: call.peerConnection.getSenders().map(({ track }) => track === stream.getTracks()[0]),
        channel: kit.describe(call.dataChannel),
      };
    });
    return { dialled, accepted };
  },
  expected: {
    dialled: {
      open: false,
      id: 'mc_mine',
      isStream: true,
      senders: [true],
      channel: ['connecting', 'undefined', false],
      known: true,
    },
    accepted: { open: true, id: 'mc_mine', isStream: true, senders: [true], channel: 'undefined' },
  },
});
