// What a page can do with its tracks during a call, and what the other end sees and hears.
import type { JSHandle } from '@playwright/test';
import type { MediaConnection } from 'peerjs';
import { perceive, talk } from '../../support/calls';
import { eachPairing, ROUTES_AT_EITHER_END } from '../../support/conformance';
import { NOT_IN_FIREFOX } from '../../support/differences';

const ENDS = [
  ['dialled', 'accepted'],
  ['accepted', 'dialled'],
] as const;

eachPairing('a disabled track is black or silent at the other end until it is enabled again', {
  async run(pair) {
    const call = await talk(pair, { sends: { video: 1, tone: 400 }, replies: { video: 1, tone: 400 } });
    const enable = (end: JSHandle<MediaConnection>, isEnabled: boolean) =>
      end.evaluate(({ localStream }, isEnabled) => {
        for (const track of localStream.getTracks()) track.enabled = isEnabled;
      }, isEnabled);
    const results: unknown[] = [];
    for (const [sender, receiver] of ENDS) {
      results.push(await perceive(call[receiver], { video: 'source 1', audio: 'tone 400' }));
      await enable(call[sender], false);
      results.push(await perceive(call[receiver], { video: 'black', audio: 'silent' }));
      await enable(call[sender], true);
      results.push(await perceive(call[receiver], { video: 'source 1', audio: 'tone 400' }));
    }
    return results;
  },
  expected: ENDS.flatMap(() => [
    { video: 'source 1', audio: 'tone 400' },
    { video: 'black', audio: 'silent' },
    { video: 'source 1', audio: 'tone 400' },
  ]),
});

eachPairing('a stopped track freezes or goes silent at the other end, and the other track goes on', {
  async run(pair) {
    const call = await talk(pair, { sends: { video: 1, tone: 400 }, replies: { video: 2, tone: 700 } });
    const { dialled, accepted } = call;
    await perceive(accepted, { video: 'source 1', audio: 'tone 400' });
    await perceive(dialled, { video: 'source 2', audio: 'tone 700' });
    await dialled.evaluate(({ localStream }) => localStream.getVideoTracks()[0]!.stop());
    await accepted.evaluate(({ localStream }) => localStream.getAudioTracks()[0]!.stop());
    const [atCallee, atCaller] = await Promise.all([
      perceive(accepted, { video: 'source 1 frozen', audio: 'tone 400' }),
      perceive(dialled, { video: 'source 2', audio: 'silent' }),
    ]);
    const states = await Promise.all(
      [dialled, accepted].map((end) =>
        end.evaluate(({ open, remoteStream }) => [
          open,
          ...remoteStream.getTracks().map(({ readyState }) => readyState),
        ]),
      ),
    );
    return { atCallee, atCaller, states };
  },
  expected: {
    atCallee: { video: 'source 1 frozen', audio: 'tone 400' },
    atCaller: { video: 'source 2', audio: 'silent' },
    states: [
      [true, 'live', 'live'],
      [true, 'live', 'live'],
    ],
  },
});

eachPairing(
  'replaceTrack() changes what the other end sees and hears, without another stream event',
  {
    async run(pair) {
      const call = await talk(pair, { sends: { video: 1, tone: 400 }, replies: { video: 2, tone: 700 } });
      const results: unknown[] = [];
      for (const [sender, receiver] of ENDS) {
        results.push(
          await call[sender].evaluate(async ({ peerConnection, localStream }) => {
            const before = localStream.getTracks().map(({ id }) => id);
            for (const sender of peerConnection.getSenders()) {
              const isVideo = sender.track!.kind === 'video';
              const track = isVideo ? kit.videoTrack(9) : await kit.audioTrack(1200);
              await sender.replaceTrack(track);
              if (sender.track !== track) return 'the sender has another track';
            }
            return localStream.getTracks().every(({ id }, index) => id === before[index]);
          }),
        );
        results.push(await perceive(call[receiver], { video: 'source 9', audio: 'tone 1200' }));
        results.push(await call[receiver].evaluate((call) => kit.watch(call).count('stream')));
      }
      return results;
    },
    expected: ENDS.flatMap(() => [true, { video: 'source 9', audio: 'tone 1200' }, 2]),
  },
  ROUTES_AT_EITHER_END,
);

eachPairing('replaceTrack(null) freezes the picture until there is a track again', {
  async run(pair) {
    const { dialled, accepted } = await talk(pair, { sends: { video: 1 }, replies: { video: 2 } });
    const results = [await perceive(accepted, { video: 'source 1' })];
    await dialled.evaluate(({ peerConnection }) => peerConnection.getSenders()[0]!.replaceTrack(null));
    results.push(await perceive(accepted, { video: 'source 1 frozen' }));
    await dialled.evaluate(({ peerConnection }) => peerConnection.getSenders()[0]!.replaceTrack(kit.videoTrack(5)));
    results.push(await perceive(accepted, { video: 'source 5' }));
    return results;
  },
  expected: [{ video: 'source 1' }, { video: 'source 1 frozen' }, { video: 'source 5' }],
});

eachPairing('pictures of any size arrive in their own size', {
  async run(pair) {
    const { dialled, accepted } = await talk(pair, {
      sends: { video: 1, size: [640, 480] },
      replies: { video: 2, size: [180, 320] },
    });
    return Promise.all([
      perceive(accepted, { video: 'source 1 at 640x480' }),
      perceive(dialled, { video: 'source 2 at 180x320' }),
    ]);
  },
  expected: [{ video: 'source 1 at 640x480' }, { video: 'source 2 at 180x320' }],
  notInFirefox: NOT_IN_FIREFOX.scalesDown,
});
