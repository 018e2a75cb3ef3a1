// The test picture: a number for its source and a running number for the frame, with a check over both, as fat black
// and white cells that survive any codec. Whoever reads it knows whose picture it is, whether it moves, and whether
// what looks like a number is one.

const COLUMNS = 6;
const ROWS = 4;
const CELLS = COLUMNS * ROWS;

const SOURCE_BITS = 4;
const FRAME_BITS = 10;
const CHECK_BITS = 8;

/** The frame number begins anew after this many. */
export const FRAMES = 1 << FRAME_BITS;

/** Luma of 0–255; what lies between is neither, as in a cross-fade or in noise. */
const BLACK_BELOW = 80;
const WHITE_FROM = 175;

/** Pixels of a cell in the small copy that is read, and of the rim that the codec may have smeared. */
const CELL_PIXELS = 8;
const RIM_PIXELS = 2;

export type Picture = { source: number; frame: number } | 'black' | 'garbled';

/** Fills the canvas; `source`: 0–15, `frame`: any running number. */
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

/** Reads images of any size. */
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

/** The first two cells tell white from black, so that no picture is all of one colour. */
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

/** CRC-8 with the polynomial x⁸ + x² + x + 1: finds any change of up to eight neighbouring cells. */
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
