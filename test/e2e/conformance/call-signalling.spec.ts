// What a call signals through the PeerServer, and what the page can change in it.
import { openLine, perceive, talk, type Call, type Line } from '../../support/calls';
import { eachPairing, ROUTES_AT_EITHER_END } from '../../support/conformance';
import { expect, test, type Pair } from '../../support/fixtures';
import type { SeenMessage, TestPeerServer } from '../../support/peer-server';

/** The first message of this type from `src` to the other end. Skips messages of a Peer to itself (DIFFERENCES.selfProbe). */
function sent(server: TestPeerServer, type: string, src: string): Promise<SeenMessage> {
  return server.message((message) => message.type === type && message.src === src && message.dst !== src);
}

function sdpOf({ payload }: SeenMessage): string {
  return (payload!.sdp as { sdp: string }).sdp;
}

eachPairing(
  'offer, answer and candidates of a call have PeerJS’s keys in PeerJS’s order',
  {
    async run(pair, { peerServer }) {
      const metadata = { a: [1, null] };
      const { ids } = await talk(pair, { sends: { video: 1 }, settings: { metadata }, replies: { video: 2 } });
      const messages = await Promise.all([
        sent(peerServer, 'OFFER', ids.dialler),
        sent(peerServer, 'ANSWER', ids.answerer),
        sent(peerServer, 'CANDIDATE', ids.dialler),
        sent(peerServer, 'CANDIDATE', ids.answerer),
      ]);
      return {
        keys: messages.map((message) => [Object.keys(message).join(), Object.keys(message.payload!).join()]),
        payloads: messages.map(({ payload }) => payload),
        connectionIds: new Set(messages.map(({ payload }) => payload!.connectionId)).size,
        sections: messages.slice(0, 2).map((message) => sdpOf(message).match(/^m=\w+/gm)),
      };
    },
    expected: {
      keys: [
        ['type,payload,dst,src', 'sdp,type,connectionId,metadata'],
        ['type,payload,dst,src', 'sdp,type,connectionId'],
        ['type,payload,dst,src', 'candidate,type,connectionId'],
        ['type,payload,dst,src', 'candidate,type,connectionId'],
      ],
      payloads: [
        {
          sdp: { type: 'offer', sdp: expect.stringMatching(/^v=0\r\n/) },
          type: 'media',
          connectionId: expect.stringMatching(/^mc_[a-z0-9]{8,}$/),
          metadata: { a: [1, null] },
        },
        {
          sdp: { type: 'answer', sdp: expect.stringMatching(/^v=0\r\n/) },
          type: 'media',
          connectionId: expect.any(String),
        },
        ...Array.from({ length: 2 }, () => ({
          candidate: {
            candidate: expect.stringMatching(/^candidate:/),
            sdpMid: '0',
            sdpMLineIndex: 0,
            usernameFragment: expect.any(String),
          },
          type: 'media',
          connectionId: expect.any(String),
        })),
      ],
      connectionIds: 1,
      sections: [
        ['m=video', 'm=application'],
        ['m=video', 'm=application'],
      ],
    },
  },
  ROUTES_AT_EITHER_END,
);

eachPairing('an offer names the caller’s stream and tracks, an answer the callee’s', {
  async run(pair, { peerServer }) {
    const plan = { sends: { video: 1, tone: 400 }, replies: { video: 2, tone: 700 } };
    const { dialled, accepted, ids } = await talk(pair, plan);
    const descriptions = [
      sdpOf(await sent(peerServer, 'OFFER', ids.dialler)),
      sdpOf(await sent(peerServer, 'ANSWER', ids.answerer)),
    ];
    return Promise.all(
      [dialled, accepted].map(async (end, index) => {
        const named = descriptions[index]!.match(/^a=msid:.*$/gm)!.map((line) => line.trim());
        const own = await end.evaluate(({ localStream }) =>
          localStream.getTracks().map((track) => `a=msid:${localStream.id} ${track.id}`),
        );
        return { sections: named.length, same: named.sort().join() === own.sort().join() };
      }),
    );
  },
  expected: Array.from({ length: 2 }, () => ({ sections: 2, same: true })),
});

/**
 * Makes a call whose two ends pass their descriptions through `sdpTransform`. With `codec`, the caller offers that codec alone;
 * with `name`, each end renames the session. `seen`: the beginnings of the descriptions that were transformed.
 */
async function transformedCall(
  pair: Pair,
  change: { codec?: string; name?: string },
): Promise<Call & { seen: string[] }> {
  const line: Line = await openLine(pair);
  const { route: callRoute } = pair.dialler;
  const { route: answerRoute } = pair.answerer;
  const dialled = await line.dialler.evaluateHandle(
    async (peer, { to, change, route }) => {
      const seen: string[] = [];
      const sdpTransform = (sdp: string) => {
        seen.push(sdp.slice(0, 5));
        if (change.name !== undefined) return sdp.replace('s=-', `s=${change.name}`);
        return kit.onlyCodec(sdp, change.codec!);
      };
      const stream = await kit.media({ video: 1 });
      return { call: kit.call(peer, to, stream, { sdpTransform, ...(route && { route }) }), seen };
    },
    { to: line.ids.answerer, change, route: callRoute },
  );
  const accepted = await line.answerer.evaluateHandle(
    async (peer, { change, route }) => {
      const seen: string[] = [];
      const sdpTransform = (sdp: string) => {
        seen.push(sdp.slice(0, 5));
        // PeerJS treats a falsy result as "no change".
        return change.name === undefined ? '' : sdp.replace('s=-', `s=${change.name}`);
      };
      const call = await kit.incomingCall(peer);
      kit.answer(call, await kit.media({ video: 2 }), { sdpTransform, ...(route && { route }) });
      return { call, seen };
    },
    { change, route: answerRoute },
  );
  const [call, acceptedCall] = await Promise.all([
    dialled.evaluateHandle(({ call }) => call),
    accepted.evaluateHandle(({ call }) => call),
  ]);
  await acceptedCall.evaluate((call) => kit.happened(call, 'willCloseOnRemote'));
  const seen = [...(await dialled.evaluate(({ seen }) => seen)), ...(await accepted.evaluate(({ seen }) => seen))];
  return { ...line, dialled: call, accepted: acceptedCall, seen };
}

eachPairing(
  'the results of sdpTransform for offer and answer reach the other end',
  {
    async run(pair, { peerServer }) {
      const { accepted, ids, seen } = await transformedCall(pair, { name: 'transformed' });
      return {
        seen,
        offer: /^s=.*$/m.exec(sdpOf(await sent(peerServer, 'OFFER', ids.dialler)))![0],
        answer: /^s=.*$/m.exec(sdpOf(await sent(peerServer, 'ANSWER', ids.answerer)))![0],
        atCallee: await perceive(accepted, { video: 'source 1' }),
      };
    },
    expected: {
      seen: ['v=0\r\n', 'v=0\r\n'],
      offer: 's=transformed',
      answer: 's=transformed',
      atCallee: { video: 'source 1' },
    },
  },
  ROUTES_AT_EITHER_END,
);

for (const codec of ['VP8', 'VP9', 'H264', 'AV1']) {
  eachPairing(`an offer with ${codec} as the only codec makes a call with video both ways`, {
    async run(pair, { peerServer }) {
      const canEncode = await pair.dialler.page.evaluate(
        (codec) => RTCRtpSender.getCapabilities('video')!.codecs.some(({ mimeType }) => mimeType === `video/${codec}`),
        codec,
      );
      test.skip(!canEncode, `this Chromium has no ${codec}`);
      const { dialled, accepted, ids } = await transformedCall(pair, { codec });
      const [atCallee, atCaller] = await Promise.all([
        perceive(accepted, { video: 'source 1' }),
        perceive(dialled, { video: 'source 2' }),
      ]);
      const codecsIn = async (type: string, src: string) =>
        pair.dialler.page.evaluate((sdp) => kit.videoCodecs(sdp), sdpOf(await sent(peerServer, type, src)));
      return {
        atCallee,
        atCaller,
        offered: await codecsIn('OFFER', ids.dialler),
        answered: await codecsIn('ANSWER', ids.answerer),
      };
    },
    expected: {
      atCallee: { video: 'source 1' },
      atCaller: { video: 'source 2' },
      offered: [codec],
      answered: [codec],
    },
  });
}
