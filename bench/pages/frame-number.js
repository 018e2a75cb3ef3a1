// Draws the number of a frame into its picture and reads it: a strip of wide black and white bars along the top, which survives lossy
// encoding and scaling. 16 bits of number, 4 bits of checksum.

const NUMBER_BITS = 16;
const CHECK_BITS = 4;
const BARS = NUMBER_BITS + CHECK_BITS;
/** Height of the strip, as a fraction of the picture's height. */
const STRIP = 0.125;
/** The width to which a bar is scaled for reading. The middle pixel counts. */
const PIXELS_A_BAR = 3;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} number
 */
export function drawNumber(context, number) {
  const { width, height } = context.canvas;
  const code = number * 2 ** CHECK_BITS + checkOf(number);
  for (let bar = 0; bar < BARS; bar++) {
    context.fillStyle = (code >> bar) & 1 ? '#fff' : '#000';
    context.fillRect((bar * width) / BARS, 0, width / BARS, height * STRIP);
  }
}

export class NumberReader {
  #context = contextOf(new OffscreenCanvas(BARS * PIXELS_A_BAR, PIXELS_A_BAR));

  /**
   * @param {HTMLVideoElement} video
   * @returns {number | undefined} undefined if the picture has no readable number
   */
  read(video) {
    const { videoWidth, videoHeight } = video;
    const { width, height } = this.#context.canvas;
    this.#context.drawImage(video, 0, 0, videoWidth, videoHeight * STRIP, 0, 0, width, height);
    const row = this.#context.getImageData(0, Math.floor(height / 2), width, 1).data;
    let code = 0;
    for (let bar = 0; bar < BARS; bar++) {
      const green = row[(bar * PIXELS_A_BAR + 1) * 4 + 1];
      if (green > 127) code += 2 ** bar;
    }
    const number = code >> CHECK_BITS;
    return code % 2 ** CHECK_BITS === checkOf(number) ? number : undefined;
  }
}

/** The sum of the digits, plus 5, so that an all-black or all-white picture has no valid number. @param {number} number */
function checkOf(number) {
  let sum = 5;
  for (let rest = number; rest > 0; rest >>= CHECK_BITS) sum += rest % 2 ** CHECK_BITS;
  return sum % 2 ** CHECK_BITS;
}

/** @param {OffscreenCanvas} canvas */
function contextOf(canvas) {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  return context;
}
