// The test picture: the number of its source, a running frame number and a checksum over both, drawn as large black and white
// cells that survive any codec. A reader can tell whose picture it is, whether it moves, and whether it was read correctly.

const COLUMNS = 6;
const ROWS = 4;
const CELLS = COLUMNS * ROWS;

const SOURCE_BITS = 4;
const FRAME_BITS = 10;
const CHECK_BITS = 8;

/** Frame numbers wrap around after this many. */
export const FRAMES = 1 << FRAME_BITS;

/** Luma of 0–255. Values in between are neither black nor white, as in a cross-fade or noise. */
const BLACK_BELOW = 80;
const WHITE_FROM = 175;

/** Width of a cell in the small copy that is read. */
const CELL_PIXELS = 8;
/** Edge of a cell that is ignored, because codecs smear it. */
const RIM_PIXELS = 2;

export type Picture = { source: number; frame: number } | 'black' | 'garbled';

/** Fills the canvas with the picture. `source`: 0–15. `frame`: any running number. */
export function drawPicture(context: CanvasRenderingContext2D, source: number, frame: number): void {
  const { width, height } = context.canvas;
  const cellWidth = width / COLUMNS;
  const cellHeight = height / ROWS;
  context.fillStyle = 'black';
  context.fillRect(0, 0, width, height);
  context.fillStyle = 'white';
  toBits(source, frame % FRAMES).forEach((bit, cell) => {
    if (bit)
      context.fillRect((cell % COLUMNS) * cellWidth, Math.floor(cell / COLUMNS) * cellHeight, cellWidth, cellHeight);
  });
}

/** Reads test pictures of any size. */
export class PictureReader {
  #context = new OffscreenCanvas(COLUMNS * CELL_PIXELS, ROWS * CELL_PIXELS).getContext('2d', {
    willReadFrequently: true,
  })!;

  read(image: CanvasImageSource): Picture {
    const { width, height } = this.#context.canvas;
    this.#context.drawImage(image, 0, 0, width, height);
    const { data } = this.#context.getImageData(0, 0, width, height);
    const lumas = Array.from({ length: CELLS }, (_, cell) => lumaOf(data, cell));
    if (lumas.every((luma) => luma < BLACK_BELOW)) return 'black';
    if (lumas.some((luma) => luma >= BLACK_BELOW && luma < WHITE_FROM)) return 'garbled';
    return fromBits(lumas.map((luma) => luma >= WHITE_FROM));
  }
}

/** The first cell is white and the second black, so that no picture is of one colour. */
function toBits(source: number, frame: number): boolean[] {
  const word = (source << FRAME_BITS) | frame;
  return [true, false, ...bitsOf(word, SOURCE_BITS + FRAME_BITS), ...bitsOf(checkOf(word), CHECK_BITS)];
}

function fromBits(bits: boolean[]): Picture {
  const word = numberOf(bits.slice(2, 2 + SOURCE_BITS + FRAME_BITS));
  const check = numberOf(bits.slice(-CHECK_BITS));
  if (!bits[0] || bits[1] || check !== checkOf(word)) return 'garbled';
  return { source: word >> FRAME_BITS, frame: word % FRAMES };
}

/** CRC-8 with the polynomial x⁸ + x² + x + 1: detects any change within eight neighbouring cells. */
function checkOf(word: number): number {
  let rest = word << CHECK_BITS;
  for (let bit = SOURCE_BITS + FRAME_BITS - 1; bit >= 0; bit--) {
    if (rest & (1 << (bit + CHECK_BITS))) rest ^= 0x107 << bit;
  }
  return rest ^ 0x5a;
}

function bitsOf(value: number, count: number): boolean[] {
  return Array.from({ length: count }, (_, index) => ((value >> (count - 1 - index)) & 1) === 1);
}

function numberOf(bits: boolean[]): number {
  return bits.reduce((value, bit) => value * 2 + Number(bit), 0);
}

/** Mean luma of the cell without its rim. */
function lumaOf(data: Uint8ClampedArray, cell: number): number {
  const left = (cell % COLUMNS) * CELL_PIXELS;
  const top = Math.floor(cell / COLUMNS) * CELL_PIXELS;
  let sum = 0;
  for (let y = top + RIM_PIXELS; y < top + CELL_PIXELS - RIM_PIXELS; y++) {
    for (let x = left + RIM_PIXELS; x < left + CELL_PIXELS - RIM_PIXELS; x++) {
      const at = (y * COLUMNS * CELL_PIXELS + x) * 4;
      sum += 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    }
  }
  return sum / (CELL_PIXELS - 2 * RIM_PIXELS) ** 2;
}
