// Draws the films for the demo's fake cameras, the view from a quay, because few machines without a display have a camera. Each
// person's film has a different light, which distinguishes the pictures.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WIDTH = 640;
const HEIGHT = 360;
const HORIZON = 205;
const FRAMES_PER_SECOND = 20;
/** After this number of frames every movement is back at its start, so that the film can loop. */
const FRAMES = 50;

/** @typedef {[red: number, green: number, blue: number]} Colour */
/** @typedef {{ zenith: Colour, haze: Colour, sea: Colour, sun: Colour, sail: Colour, sunAt: [number, number] }} Light */

/** @type {Record<'dusk' | 'noon', Light>} */
const LIGHTS = {
  dusk: {
    zenith: [96, 52, 92],
    haze: [250, 158, 92],
    sea: [124, 62, 66],
    sun: [255, 224, 150],
    sail: [70, 30, 48],
    sunAt: [430, 168],
  },
  noon: {
    zenith: [44, 112, 190],
    haze: [190, 222, 240],
    sea: [24, 86, 134],
    sun: [255, 252, 232],
    sail: [244, 240, 228],
    sunAt: [180, 62],
  },
};

/**
 * Writes the film to `folder` as Y4M (raw frames in 4:2:0), which Chromium accepts as a fake camera.
 * @param {string} folder
 * @param {keyof typeof LIGHTS} light
 * @returns {string} its path
 */
export function film(folder, light) {
  const path = join(folder, `${light}.y4m`);
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < FRAMES; frame++) {
    parts.push(Buffer.from('FRAME\n'), draw(LIGHTS[light], (frame / FRAMES) * 2 * Math.PI));
  }
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** One picture as its planes Y, Cb and Cr. @param {Light} light @param {number} phase 0 to 2π */
function draw(light, phase) {
  const size = WIDTH * HEIGHT;
  const planes = Buffer.allocUnsafe(size * 1.5);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [red, green, blue] = colourAt(light, x, y, phase);
      planes[y * WIDTH + x] = 16 + 0.257 * red + 0.504 * green + 0.098 * blue;
      if (x % 2 || y % 2) continue;
      const chroma = size + (y / 2) * (WIDTH / 2) + x / 2;
      planes[chroma] = 128 - 0.148 * red - 0.291 * green + 0.439 * blue;
      planes[chroma + size / 4] = 128 + 0.439 * red - 0.368 * green - 0.071 * blue;
    }
  }
  return planes;
}

/** @param {Light} light @param {number} x @param {number} y @param {number} phase @returns {Colour} */
function colourAt(light, x, y, phase) {
  if (isBoat(x, y, phase)) return light.sail;
  return y < HORIZON ? skyAt(light, x, y) : seaAt(light, x, y, phase);
}

/** @param {Light} light @param {number} x @param {number} y @returns {Colour} */
function skyAt({ zenith, haze, sun, sunAt }, x, y) {
  const distance = Math.hypot(x - sunAt[0], y - sunAt[1]);
  if (distance < 30) return sun;
  return mix(mix(zenith, haze, y / HORIZON), sun, 0.55 * Math.exp(-(distance - 30) / 60));
}

/** @param {Light} light @param {number} x @param {number} y @param {number} phase @returns {Colour} */
function seaAt({ haze, sea, sun, sunAt }, x, y, phase) {
  const depth = (y - HORIZON) / (HEIGHT - HORIZON);
  // Waves are long near the quay and short at the horizon.
  const scale = 8 / (depth + 0.12);
  const wave = Math.sin(x * scale * 0.006 + y * scale * 0.09 + phase) * Math.sin(y * scale * 0.05 - x * 0.01 - phase);
  const water = mix(mix(haze, sea, Math.min(1, 0.45 + depth)), haze, 0.14 + 0.14 * wave);
  const glitter = Math.exp(-(((x - sunAt[0]) / (26 + 90 * depth)) ** 2)) * (0.35 + 0.45 * wave);
  return mix(water, sun, Math.max(0, glitter));
}

/** A boat with two sails, which rides up and down and to and fro. @param {number} x @param {number} y @param {number} phase */
function isBoat(x, y, phase) {
  const right = x - 300 - 40 * Math.sin(phase);
  const up = 236 + 4 * Math.sin(2 * phase) - y;
  const isHull = up >= 0 && up < 14 && Math.abs(right) < 38 + up;
  const isMainsail = up >= 20 && up < 110 && right > 3 && right < 3 + (110 - up) * 0.5;
  const isJib = up >= 20 && up < 96 && right < -1 && right > -1 - (96 - up) * 0.38;
  return isHull || isMainsail || isJib;
}

/** @param {Colour} from @param {Colour} to @param {number} share @returns {Colour} */
function mix(from, to, share) {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ];
}
