// Media without camera and microphone: pictures that identify their source, and tones.
import { onBeat } from './metronome.js';
import { drawPicture } from './picture.js';
import { atEnd } from './reuse.js';

const FRAMES_PER_SECOND = 30;
const VOLUME = 0.5;

/** The tracks of a stream. A member left out means no such track. */
export interface Media {
  /** Number of the picture's source, 0–15. */
  video?: number;
  /** The tone's frequency in Hz, a multiple of 100. */
  tone?: number;
  /** The picture's size in pixels. Default: 320 × 240. */
  size?: readonly [width: number, height: number];
  /** Adds noise to the picture, so that the encoder uses all the bits it may. */
  grain?: boolean;
}

/** The page's only AudioContext, because browsers limit their number. */
let audio: AudioContext | undefined;

export async function audioContext(): Promise<AudioContext> {
  const context = (audio ??= new AudioContext());
  atEnd(() => void context.suspend());
  await context.resume();
  return context;
}

/** Makes a stream with these tracks, audio first. */
export async function media({ video, tone, size, grain }: Media): Promise<MediaStream> {
  const stream = new MediaStream();
  if (tone !== undefined) stream.addTrack(await audioTrack(tone));
  if (video !== undefined) stream.addTrack(videoTrack(video, size, grain));
  return stream;
}

/** Makes a track that draws a new frame at every beat until it is stopped, even while it is disabled. */
export function videoTrack(
  source: number,
  [width, height]: readonly [number, number] = [320, 240],
  grain = false,
): MediaStreamTrack {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d')!;
  const cover = grain ? grainOver(context) : () => undefined;
  let frame = 0;
  drawPicture(context, source, frame);
  const track = canvas.captureStream(FRAMES_PER_SECOND).getVideoTracks()[0]!;
  atEnd(() => {
    track.stop();
  });
  const stop = onBeat(() => {
    // `stop()` emits no event.
    if (track.readyState === 'ended') stop();
    else drawPicture(context, source, ++frame);
    cover();
  });
  return track;
}

const GRAIN_PIXELS = 4;
/** Low enough that black and white stay recognisable. */
const GRAIN_OPACITY = 0.25;

/** Returns a function that draws noise over the canvas, each time at another offset, which no codec can predict. */
function grainOver(context: CanvasRenderingContext2D): () => void {
  const { width, height } = context.canvas;
  const tile = new OffscreenCanvas(width / 2, height / 2);
  const pixels = new ImageData(tile.width, tile.height);
  pixels.data.forEach((_, index, data) => (data[index] = index % 4 === 3 ? 255 : Math.random() * 256));
  tile.getContext('2d')!.putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = false;
  return () => {
    const [x, y] = [width, height].map((pixels) => -Math.random() * pixels) as [number, number];
    context.globalAlpha = GRAIN_OPACITY;
    context.drawImage(tile, x, y, tile.width * GRAIN_PIXELS, tile.height * GRAIN_PIXELS);
    context.globalAlpha = 1;
  };
}

export async function audioTrack(hertz: number): Promise<MediaStreamTrack> {
  const context = await audioContext();
  const oscillator = new OscillatorNode(context, { frequency: hertz });
  const volume = new GainNode(context, { gain: VOLUME });
  const destination = new MediaStreamAudioDestinationNode(context);
  oscillator.connect(volume).connect(destination);
  oscillator.start();
  atEnd(() => {
    oscillator.stop();
  });
  return destination.stream.getAudioTracks()[0]!;
}
