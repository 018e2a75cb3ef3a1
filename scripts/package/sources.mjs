// Lists the files of the sources archive: all files under version control. An unpacked archive gives the same list.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn } from './archive.mjs';

/** The entries of a checkout that are not sources. */
const MADE = ['.git', 'node_modules', 'dist', 'artifacts', 'test-results', 'playwright-report'];

/**
 * @param {string} root of a checkout, or of an unpacked sources archive
 * @returns {string[]} paths relative to it, with slashes
 */
export function sourceFiles(root) {
  if (!existsSync(join(root, '.git'))) return filesIn(root, MADE);
  const { status, stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error('git cannot list the sources. Is it installed?');
  // Skips files whose deletion is not committed yet.
  return stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}
