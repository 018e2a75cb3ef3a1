// The icons that the manifest names are there, each in the size that it is named for; `npm run icons` draws them.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import manifest from '../../../manifest.json' with { type: 'json' };

const named = [...Object.entries(manifest.icons), ...Object.entries(manifest.action.default_icon)];

/** Of a PNG: its first chunk begins with width and height (ISO/IEC 15948, 11.2.2). */
function sizeOf(file: string): [width: number, height: number] {
  const png = readFileSync(`extension/public/${file}`);
  expect(png.toString('latin1', 1, 4)).toBe('PNG');
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

it.each(named)('the icon of %s pixels has so many (%s)', (size, file) => {
  expect(sizeOf(file)).toEqual([Number(size), Number(size)]);
});
