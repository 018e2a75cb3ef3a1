// Writes zip archives whose bytes depend only on the files, not on the clock, the time zone or the order of a folder.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';

/** The earliest time that a zip can store. In the local time zone, because fflate converts it to local time. */
const MTIME = new Date(1980, 0, 1);
/** All files are readable by everyone, whatever their modes on this machine. fflate's default mode grants no access. */
const UNIX = 3;
const FILE_MODE = 0o100644;

/**
 * @param {string} folder
 * @param {string[]} paths paths of files, relative to the folder, with slashes
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
 * @param {string[]} [without] names of top-level files and folders to skip
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
