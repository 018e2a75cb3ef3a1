// Writes zip archives whose bytes depend on the files alone: not on the clock, the time zone, or the order of a folder.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { zipSync } from 'fflate';

/** The first moment that a zip can name. fflate takes it apart by the local time zone, in which it is made here, too. */
const MTIME = new Date(1980, 0, 1);
const UNIX = 3;
const FILE = 0o100644;
const EXECUTABLE_FILE = 0o100755;

/**
 * @param {string} folder
 * @param {string[]} paths of files, relative to the folder, with slashes
 * @returns {Uint8Array} the archive
 */
export function archive(folder, paths) {
  const entries = [...paths].sort().map((path) => {
    const file = join(folder, path);
    const isExecutable = (statSync(file).mode & 0o100) !== 0;
    const mode = isExecutable ? EXECUTABLE_FILE : FILE;
    return [path, [readFileSync(file), { mtime: MTIME, level: 9, os: UNIX, attrs: mode << 16 }]];
  });
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
    })
    .map((path) => path.split(sep).join('/'));
}
