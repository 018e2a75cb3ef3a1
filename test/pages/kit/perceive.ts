// Judges what a stream shows and sounds like, as a person in front of the page would, and recognises frozen, swapped, black and
// silent streams.
import { audioContext } from './media.js';
import { onBeat } from './metronome.js';
import { FRAMES, PictureReader, type Picture } from './picture.js';
import { atEnd } from './reuse.js';

/**
 * How long to wait for the hoped-for impression before reporting another one. A large part of a test's time, because on a busy
 * machine pictures come late, or move less than once in `FROZEN_MS`.
 */
const PATIENCE_MS = 90_000;
/** A picture that has not changed for this long counts as frozen. */
const FROZEN_MS = 1_500;
/** How many frames forward, or equal readings, are needed for a verdict. */
const ENOUGH = 3;
/** Readings of silence needed, one second of them: a stream that was just connected is silent at first. */
const ENOUGH_SILENCE = 30;
/** A codec's worst frames are unreadable; more than this many in a row are a fault. */
const TOO_MANY_GARBLED = 15;

/** At 48 kHz, about 85 ms of sound and a resolution of 12 Hz. */
const FFT_SIZE = 4096;
/** Root mean square of samples from -1 to 1. The kit's tones have 0.35. */
const SILENT_BELOW = 0.01;
/** Tones are named by the nearest multiple, so that codec and clock drift do not change the name. */
const TONE_STEP_HZ = 100;
/** A pure tone is louder by this much than all frequencies except its neighbours. */
const PURE_DB = 15;
const NEIGHBOURS_HZ = 120;

/** A verdict, or the verdict hoped for; see `see` and `hear` for the texts. */
export interface Impression {
  video?: string;
  audio?: string;
}

/**
 * Resolves with what the stream shows and sounds like: as soon as that is what was hoped for, or else, when patience ends, with the
 * verdict then.
 */
export async function perceive(stream: MediaStream, hoped: Impression, patienceMs = PATIENCE_MS): Promise<Impression> {
  const [video, audio] = await Promise.all([
    hoped.video === undefined ? undefined : see(stream, hoped.video, patienceMs),
    hoped.audio === undefined ? undefined : hear(stream, hoped.audio, patienceMs),
  ]);
  return { ...(video !== undefined && { video }), ...(audio !== undefined && { audio }) };
}

/** Resolves with the number of the frame that the stream shows, once one can be read. */
export function frameShown(stream: MediaStream): Promise<number> {
  const screen = screenOf(stream);
  const reader = new PictureReader();
  return new Promise((resolve) => {
    const stop = onBeat(() => {
      const picture = reader.read(screen);
      if (typeof picture === 'string') return;
      stop();
      resolve(picture.frame);
    });
  });
}

/**
 * Resolves with the number of the first frame shown that was drawn after `frame`, or, when patience ends, of the frame shown
 * then.
 */
export function frameShownAfter(stream: MediaStream, frame: number, patienceMs = PATIENCE_MS): Promise<number> {
  const screen = screenOf(stream);
  const reader = new PictureReader();
  const deadline = performance.now() + patienceMs;
  return new Promise((resolve) => {
    const stop = onBeat(() => {
      const picture = reader.read(screen);
      if (typeof picture === 'string') return;
      const step = (picture.frame - frame + FRAMES) % FRAMES;
      if ((step === 0 || step > FRAMES / 2) && performance.now() < deadline) return;
      stop();
      resolve(picture.frame);
    });
  });
}

/**
 * The verdict on the picture: `source 3` if it moves; `source 3 frozen`; `source 3 at first` before either is certain; `black`;
 * `garbled`; `nothing` before the first frame. If `hoped` has a size (`source 3 at 320x240`), so has the verdict on a moving picture.
 */
async function see(stream: MediaStream, hoped: string, patienceMs: number): Promise<string> {
  const screen = screenOf(stream);
  const reader = new PictureReader();
  const judge = new PictureJudge();
  return settle(hoped, patienceMs, () => {
    // Before its first frame, the element would count as black.
    if (screen.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) judge.add(reader.read(screen), performance.now());
    const verdict = judge.verdict(performance.now());
    const isMoving = /^source \d+$/.test(verdict);
    return isMoving && hoped.includes(' at ') ? `${verdict} at ${screen.videoWidth}x${screen.videoHeight}` : verdict;
  });
}

/** The verdict on the sound: `tone 400`; `silent`; `mixed` if it is not a pure tone; `nothing` before a verdict is possible. */
async function hear(stream: MediaStream, hoped: string, patienceMs: number): Promise<string> {
  const context = await audioContext();
  let sound = 'nothing';
  let inARow = 0;
  return settle(hoped, patienceMs, () => {
    if (stream.getAudioTracks().length === 0) return 'nothing';
    const before = sound;
    sound = nameSound(analyserOf(stream, context));
    inARow = sound === before ? inARow + 1 : 1;
    return inARow >= (sound === 'silent' ? ENOUGH_SILENCE : ENOUGH) ? sound : 'nothing';
  });
}

/** Elements are kept, because one added after a stream has frozen would show nothing. */
const screens = new WeakMap<MediaStream, HTMLVideoElement>();
const analysers = new WeakMap<MediaStream, AnalyserNode>();

/** The element that plays the stream, muted. */
function screenOf(stream: MediaStream): HTMLVideoElement {
  let screen = screens.get(stream);
  if (!screen) {
    screen = Object.assign(document.createElement('video'), { muted: true, srcObject: stream });
    const added = screen;
    screens.set(stream, added);
    atEnd(() => (added.srcObject = null));
    // Rejects if the stream ends before its first frame.
    void screen.play().catch(() => undefined);
  }
  return screen;
}

function analyserOf(stream: MediaStream, context: AudioContext): AnalyserNode {
  let analyser = analysers.get(stream);
  if (!analyser) {
    // Chromium feeds a remote stream into Web Audio only while an element plays it.
    screenOf(stream);
    analyser = new AnalyserNode(context, { fftSize: FFT_SIZE, smoothingTimeConstant: 0 });
    new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(analyser);
    analysers.set(stream, analyser);
  }
  return analyser;
}

/** Judges at every beat, until the verdict is `hoped` or patience ends. */
function settle(hoped: string, patienceMs: number, judge: () => string): Promise<string> {
  const deadline = performance.now() + patienceMs;
  return new Promise((resolve) => {
    const stop = onBeat(() => {
      const verdict = judge();
      if (verdict !== hoped && performance.now() < deadline) return;
      stop();
      resolve(verdict);
    });
  });
}

class PictureJudge {
  #source: number | undefined;
  #frame = 0;
  #advances = 0;
  #advancedAt = 0;
  #blackInARow = 0;
  #garbledInARow = 0;

  add(picture: Picture, now: number): void {
    this.#blackInARow = picture === 'black' ? this.#blackInARow + 1 : 0;
    this.#garbledInARow = picture === 'garbled' ? this.#garbledInARow + 1 : 0;
    if (typeof picture === 'string') return;
    const step = (picture.frame - this.#frame + FRAMES) % FRAMES;
    if (picture.source !== this.#source || step > FRAMES / 2) this.#advances = 0;
    else if (step > 0) this.#advances++;
    if (picture.source !== this.#source || step > 0) this.#advancedAt = now;
    this.#source = picture.source;
    this.#frame = picture.frame;
  }

  verdict(now: number): string {
    if (this.#blackInARow >= ENOUGH) return 'black';
    if (this.#garbledInARow >= TOO_MANY_GARBLED) return 'garbled';
    if (this.#source === undefined) return 'nothing';
    if (now - this.#advancedAt >= FROZEN_MS) return `source ${this.#source} frozen`;
    return this.#advances >= ENOUGH ? `source ${this.#source}` : `source ${this.#source} at first`;
  }
}

function nameSound(analyser: AnalyserNode): string {
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  const level = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  if (level < SILENT_BELOW) return 'silent';
  const decibels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(decibels);
  const hertzOf = (bin: number) => (bin * analyser.context.sampleRate) / analyser.fftSize;
  const peak = decibels.indexOf(Math.max(...decibels));
  const isPure = decibels.every(
    (level, bin) => Math.abs(hertzOf(bin) - hertzOf(peak)) < NEIGHBOURS_HZ || level < decibels[peak]! - PURE_DB,
  );
  return isPure ? `tone ${Math.round(hertzOf(peak) / TONE_STEP_HZ) * TONE_STEP_HZ}` : 'mixed';
}
