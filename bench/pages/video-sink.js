// Plays the other end's picture in a video element and measures what is shown.
import { clockOffset } from './clock.js';
import { NumberReader } from './frame-number.js';

/** @typedef {import('./video-source.js').Numbered} Numbered */

/** Reading a frame takes as long as showing several. This interval leaves the page time for its other work. */
const READING_INTERVAL_MS = 100;
/** Frames that the browser queues for the page before it drops any: one second's. */
const WAITING_FRAMES = 30;

/** @type {HTMLVideoElement} */
let video;

/** Plays a stream, muted. @param {MediaStream} stream */
export function show(stream) {
  video ??= document.body.appendChild(Object.assign(document.createElement('video'), { muted: true }));
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  // Rejects if the next call's stream replaces this one.
  video.play().catch(() => undefined);
}

/** Resolves when the next frame is shown. @returns {Promise<VideoFrameCallbackMetadata>} */
export function frameShown() {
  return new Promise((resolve) => video.requestVideoFrameCallback((_, metadata) => resolve(metadata)));
}

/**
 * Samples which frames are shown and when, on the machine's clock. The time is when the browser handed the frame to the compositor,
 * so it does not depend on how busy the page is.
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
 * Resolves when the picture has reached this height, or after the timeout.
 * @param {number} height
 * @param {number} timeout milliseconds
 * @returns {Promise<number>} the milliseconds that this took
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
 * Counts the frames that the track delivers, whether or not they are shown.
 * @param {number} duration milliseconds
 * @returns {Promise<{ framesPerSecond: number, height: number }>} `height`: the median
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
 * @returns {Promise<number>} frames a second, by the number of frames that the browser handed to the compositor. The
 *   element's own count is always 0 for calls in Firefox
 */
export async function shownFrameRate(duration) {
  const before = await frameShown();
  await new Promise((resolve) => setTimeout(resolve, duration));
  const after = await frameShown();
  const frames = after.presentedFrames - before.presentedFrames;
  return (1000 * frames) / (after.presentationTime - before.presentationTime);
}
