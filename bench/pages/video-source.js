// A simulated camera: a canvas with moving shapes whose frames contain their number.
import { clockOffset } from './clock.js';
import { drawNumber } from './frame-number.js';

const FRAMES_A_SECOND = 30;
const SHAPES = 24;
/** Frame numbers have 16 bits and wrap around after this many. */
const NUMBERS = 2 ** 16;

/** @typedef {{ number: number, at: number }} Numbered a frame, and when it was drawn or shown, on the machine's clock */

/** The time when each frame was drawn, by its number, on the page's clock. @type {Map<number, number>} */
const drawnAt = new Map();

/**
 * @param {{ width: number, height: number }} size
 * @returns {MediaStreamTrack}
 */
export function openVideoSource(size) {
  const canvas = Object.assign(document.createElement('canvas'), size);
  document.body.append(canvas);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2D canvas');
  // `captureStream(30)` keeps frames 1/30 s apart and drops every tenth one, which the timer draws a little early. So each frame is
  // requested explicitly.
  const stream = canvas.captureStream(0);
  const [track] = /** @type {CanvasCaptureMediaStreamTrack[]} */ (stream.getVideoTracks());
  // `requestFrame` is a method of the track in the standard, but of the stream in Firefox.
  const source =
    'requestFrame' in track ? track : /** @type {{ requestFrame(): void }} */ (/** @type {unknown} */ (stream));
  let count = 0;
  const draw = () => {
    const number = count++ % NUMBERS;
    drawnAt.set(number, performance.now());
    drawShapes(context, number);
    drawNumber(context, number);
    source.requestFrame();
  };
  draw();
  setInterval(draw, 1000 / FRAMES_A_SECOND);
  return track;
}

/** All frames drawn so far. @returns {Numbered[]} */
export function drawnFrames() {
  const offset = clockOffset();
  return Array.from(drawnAt, ([number, at]) => ({ number, at: at + offset }));
}

/**
 * Draws motion all over the picture, different in every frame, so that encoders work as hard as with a camera.
 * @param {CanvasRenderingContext2D} context
 * @param {number} number
 */
function drawShapes(context, number) {
  const { width, height } = context.canvas;
  context.fillStyle = `hsl(${number % 360} 30% 40%)`;
  context.fillRect(0, 0, width, height);
  for (let shape = 0; shape < SHAPES; shape++) {
    const angle = number / (10 + shape) + shape;
    const x = width * (0.5 + 0.4 * Math.cos(angle));
    const y = height * (0.55 + 0.4 * Math.sin(angle * 1.3));
    context.fillStyle = `hsl(${shape * 15} 80% 60%)`;
    context.fillRect(x, y, width / 12, height / 12);
  }
}
