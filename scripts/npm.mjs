// Runs npm as a child process. Uses only Node built-ins, because setup runs it before node_modules exists.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs npm with its output on the terminal.
 * @param {string[]} args
 * @param {Record<string, string>} [environment] variables to add
 * @returns {number} npm's exit code
 */
export function npm(args, environment = {}) {
  const { command, first, options } = invocation(environment);
  const { status, error } = spawnSync(command, [...first, ...args], {
    ...options,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw error;
  return status ?? 1;
}

/**
 * Runs npm in parallel to other commands. Collects its output, so that the outputs do not mix.
 * @param {string[]} args
 * @returns {Promise<{ code: number, output: string }>}
 */
export function npmCollected(args) {
  const { command, first, options } = invocation({});
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

/** @param {Record<string, string>} environment */
function invocation(environment) {
  // Under `npm run`, npm passes its own path. Using it avoids npm.cmd, which Windows starts only through a shell.
  const cli = process.env.npm_execpath;
  const [command, ...first] = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm'];
  const shell = command === 'npm' && process.platform === 'win32';
  return { command, first, options: { cwd: ROOT, env: { ...process.env, ...environment }, shell } };
}
