// Runs npm as a child process, its output going to the terminal. Node built-ins only: setup runs it before node_modules
// exist.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param {string[]} args
 * @param {Record<string, string>} [environment] added to the present one
 * @returns {number} npm's exit code
 */
export function npm(args, environment = {}) {
  // Under `npm run`, npm says where it is; that also avoids npm.cmd, which Windows starts only through a shell.
  const cli = process.env.npm_execpath;
  const [command, ...first] = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm'];
  const { status, error } = spawnSync(command, [...first, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (error) throw error;
  return status ?? 1;
}
