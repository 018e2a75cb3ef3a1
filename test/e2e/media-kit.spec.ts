// Tests of `kit.perceive`, by which the specs judge calls: it tells each kind of faulty stream from a good one and from the
// other kinds.
import { expect, test } from '../support/fixtures';

/** Long enough for each verdict; tests wait this long for impressions that never come. */
const PATIENCE_MS = 3_000;

test('perceive names a moving picture by source and size, and a tone by frequency', async ({ openBlankPage }) => {
  const page = await openBlankPage();
  const perceived = await page.evaluate(async () => {
    const both = await kit.media({ video: 3, tone: 400 });
    const others = await kit.media({ video: 15, size: [160, 120], tone: 1100 });
    return [
      await kit.perceive(both, { video: 'source 3', audio: 'tone 400' }),
      await kit.perceive(others, { video: 'source 15 at 160x120', audio: 'tone 1100' }),
    ];
  });
  expect(perceived).toEqual([
    { video: 'source 3', audio: 'tone 400' },
    { video: 'source 15 at 160x120', audio: 'tone 1100' },
  ]);
});

test('a page in the background still shows and perceives moving pictures', async ({ openBlankPage }) => {
  const behind = await openBlankPage();
  const inFront = await openBlankPage();
  await inFront.bringToFront();
  const seen = await behind.evaluate(async () => kit.perceive(await kit.media({ video: 7 }), { video: 'source 7' }));
  expect(seen).toEqual({ video: 'source 7' });
});

test('perceive does not take a frozen, swapped, black or garbled picture for a moving one', async ({
  openBlankPage,
}) => {
  const page = await openBlankPage();
  const seen = await page.evaluate(async (patienceMs) => {
    /** Draws something wrong at each beat in place of the next frame of source 3. */
    const wrong: Record<string, (context: CanvasRenderingContext2D, beat: number) => void> = {
      frozen: (context) => kit.drawPicture(context, 3, 77),
      swapped: (context, beat) => kit.drawPicture(context, 5, beat),
      black: (context) => context.clearRect(0, 0, 320, 240),
      garbled(context, beat) {
        kit.drawPicture(context, 3, beat);
        // One cell is inverted, so that only the checksum shows the fault.
        context.globalCompositeOperation = 'difference';
        context.fillStyle = 'white';
        context.fillRect(0, 60, 53, 60);
        context.globalCompositeOperation = 'source-over';
      },
    };
    const impressions = Object.entries(wrong).map(async ([kind, draw]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
      const context = canvas.getContext('2d')!;
      let beat = 0;
      kit.onBeat(() => draw(context, ++beat));
      const { video } = await kit.perceive(canvas.captureStream(30), { video: 'source 3' }, patienceMs);
      return [kind, video] as const;
    });
    return Object.fromEntries(await Promise.all(impressions));
  }, PATIENCE_MS);
  expect(seen).toEqual({ frozen: 'source 3 frozen', swapped: 'source 5', black: 'black', garbled: 'garbled' });
});

test('perceive notices a picture that freezes and one that is replaced', async ({ openBlankPage }) => {
  const page = await openBlankPage();
  const seen = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    const context = canvas.getContext('2d')!;
    const shown = { source: 3, frame: 0, step: 1 };
    kit.onBeat(() => kit.drawPicture(context, shown.source, (shown.frame += shown.step)));
    const stream = canvas.captureStream(30);
    const impressions = [await kit.perceive(stream, { video: 'source 3' })];
    shown.step = 0;
    impressions.push(await kit.perceive(stream, { video: 'source 3 frozen' }));
    Object.assign(shown, { source: 4, step: 1 });
    impressions.push(await kit.perceive(stream, { video: 'source 4' }));
    return impressions.map(({ video }) => video);
  });
  expect(seen).toEqual(['source 3', 'source 3 frozen', 'source 4']);
});

test('perceive sees a disabled track as black or silent, and notices when it is enabled again', async ({
  openBlankPage,
}) => {
  const page = await openBlankPage();
  const seen = await page.evaluate(async () => {
    const stream = await kit.media({ video: 3, tone: 400 });
    const good = { video: 'source 3', audio: 'tone 400' };
    const impressions = [await kit.perceive(stream, good)];
    for (const track of stream.getTracks()) track.enabled = false;
    impressions.push(await kit.perceive(stream, { video: 'black', audio: 'silent' }));
    for (const track of stream.getTracks()) track.enabled = true;
    impressions.push(await kit.perceive(stream, good));
    return impressions;
  });
  expect(seen).toEqual([
    { video: 'source 3', audio: 'tone 400' },
    { video: 'black', audio: 'silent' },
    { video: 'source 3', audio: 'tone 400' },
  ]);
});

test('perceive does not take silence, another tone or two tones for the tone', async ({ openBlankPage }) => {
  const page = await openBlankPage();
  const heard = await page.evaluate(async (patienceMs) => {
    const context = new AudioContext();
    const streamOf = (...frequencies: number[]) => {
      const destination = new MediaStreamAudioDestinationNode(context);
      for (const frequency of frequencies) {
        const oscillator = new OscillatorNode(context, { frequency });
        oscillator.connect(new GainNode(context, { gain: 0.3 })).connect(destination);
        oscillator.start();
      }
      return destination.stream;
    };
    return Promise.all(
      [[], [700], [400, 700]].map((frequencies) =>
        kit.perceive(streamOf(...frequencies), { audio: 'tone 400' }, patienceMs),
      ),
    );
  }, PATIENCE_MS);
  expect(heard).toEqual([{ audio: 'silent' }, { audio: 'tone 700' }, { audio: 'mixed' }]);
});

test('perceive reports nothing for a stream without frames or sound', async ({ openBlankPage }) => {
  const page = await openBlankPage();
  const seen = await page.evaluate(async (patienceMs) => {
    const canvas = document.createElement('canvas');
    return kit.perceive(canvas.captureStream(0), { video: 'source 3', audio: 'tone 400' }, patienceMs);
  }, PATIENCE_MS);
  expect(seen).toEqual({ video: 'nothing', audio: 'nothing' });
});
