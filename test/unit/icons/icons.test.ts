// Checks that the manifest's icons exist in the size that the manifest declares. `npm run icons` draws them.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import manifest from '../../../manifest.json' with { type: 'json' };

const named = [...Object.entries(manifest.icons), ...Object.entries(manifest.action.default_icon)];

/** The width and height of a PNG, from the start of its first chunk (ISO/IEC 15948, 11.2.2). */
function sizeOf(file: string): [width: number, height: number] {
  const png = readFileSync(`extension/public/${file}`);
  expect(png.toString('latin1', 1, 4)).toBe('PNG');
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

it.each(named)('the icon for %s pixels has this size (%s)', (size, file) => {
  expect(sizeOf(file)).toEqual([Number(size), Number(size)]);
});
