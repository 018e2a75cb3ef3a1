// Writes zip archives whose bytes depend on the files alone: not on the clock, the time zone, or the order of a folder.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';

/** The first moment that a zip can name. fflate takes it apart by the local time zone, in which it is made here, too. */
const MTIME = new Date(1980, 0, 1);
/** Every file can be read by everyone, whatever it was where it was packed; fflate's own modes are nobody's. */
const UNIX = 3;
const FILE_MODE = 0o100644;

/**
 * @param {string} folder
 * @param {string[]} paths of files, relative to the folder, with slashes
 * @returns {Uint8Array} the archive
 */
export function archive(folder, paths) {
  const entries = [...paths]
    .sort()
    .map((path) => [
      path,
      [readFileSync(join(folder, path)), { mtime: MTIME, level: 9, os: UNIX, attrs: FILE_MODE << 16 }],
    ]);
  return zipSync(Object.fromEntries(entries));
}

/**
 * @param {string} folder
 * @param {string[]} [without] names of files and folders that are passed over at the top
 * @returns {string[]} every file in it, relative to it, with slashes
 */
export function filesIn(folder, without = []) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !without.includes(name))
    .flatMap((entry) => {
      if (!entry.isDirectory()) return [entry.name];
      return filesIn(join(folder, entry.name)).map((path) => `${entry.name}/${path}`);
    });
}
