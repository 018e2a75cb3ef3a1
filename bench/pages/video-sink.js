// The other's picture, as somebody sees it: in a playing video element.
import { clockOffset } from './clock.js';
import { NumberReader } from './frame-number.js';

/** @typedef {import('./video-source.js').Numbered} Numbered */

/** Reading a frame keeps the page busy for as long as showing several; by then it has done all else it had to. */
const READING_INTERVAL_MS = 100;
/** Frames that may wait for the page before the browser drops some: one second's. */
const WAITING_FRAMES = 30;

/** @type {HTMLVideoElement} */
let video;

/** Muted, also as pages show themselves. @param {MediaStream} stream */
export function show(stream) {
  video ??= document.body.appendChild(Object.assign(document.createElement('video'), { muted: true }));
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  // Interrupted by the stream of the next call.
  video.play().catch(() => undefined);
}

/** Resolves when the next frame is shown. @returns {Promise<VideoFrameCallbackMetadata>} */
export function frameShown() {
  return new Promise((resolve) => video.requestVideoFrameCallback((_, metadata) => resolve(metadata)));
}

/**
 * Which frames were shown when, on the machine's clock; some of them. The time is the browser's own record of handing
 * the frame to the compositor, which does not wait for the page.
 * @param {number} duration milliseconds
 * @returns {Promise<Numbered[]>}
 */
export async function watchNumbers(duration) {
  const reader = new NumberReader();
  const offset = clockOffset();
  const until = performance.now() + duration;
  /** @type {Numbered[]} */
  const seen = [];
  while (performance.now() < until) {
    const { presentationTime } = await frameShown();
    const number = reader.read(video);
    if (number !== undefined) seen.push({ number, at: presentationTime + offset });
    await new Promise((resolve) => setTimeout(resolve, READING_INTERVAL_MS));
  }
  if (seen.length === 0) throw new Error('no frame could be read');
  return seen;
}

/**
 * Resolves when the picture has this height, or when the time is over.
 * @param {number} height
 * @param {number} timeout milliseconds
 * @returns {Promise<number>} milliseconds that it took
 */
export async function grown(height, timeout) {
  const startedAt = performance.now();
  await new Promise((resolve) => {
    const lookAgain = () => video.videoHeight >= height && resolve(undefined);
    video.addEventListener('resize', lookAgain);
    setTimeout(resolve, timeout);
    lookAgain();
  });
  return performance.now() - startedAt;
}

/**
 * What the track delivers, whether or not it is shown.
 * @param {number} duration milliseconds
 * @returns {Promise<{ framesPerSecond: number, height: number }>} the height of the frame in the middle
 */
export async function countFrames(duration) {
  const [track] = /** @type {MediaStream} */ (video.srcObject).getVideoTracks();
  const frames = new MediaStreamTrackProcessor({ track, maxBufferSize: WAITING_FRAMES }).readable.getReader();
  /** @type {number[]} */
  const heights = [];
  setTimeout(() => void frames.cancel(), duration);
  for (let next = await frames.read(); !next.done; next = await frames.read()) {
    heights.push(next.value.displayHeight);
    next.value.close();
  }
  const middle = Math.floor(heights.length / 2);
  return { framesPerSecond: heights.length / (duration / 1000), height: heights.sort((a, b) => a - b)[middle] ?? 0 };
}

/**
 * @param {number} duration milliseconds
 * @returns {Promise<number>} frames a second, by the browser's count of those that it handed to the compositor; the
 *   element's own is always 0 for calls in Firefox
 */
export async function shownFrameRate(duration) {
  const before = await frameShown();
  await new Promise((resolve) => setTimeout(resolve, duration));
  const after = await frameShown();
  const frames = after.presentedFrames - before.presentedFrames;
  return (1000 * frames) / (after.presentationTime - before.presentationTime);
}
