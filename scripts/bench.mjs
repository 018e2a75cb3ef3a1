// npm run bench: measures PeerJS in the page against Peerport, from a bare clone. Prints a table, and writes it as Markdown and
// JSON to artifacts/bench/. `--browser firefox` measures in Firefox. Exits 0 if every figure was measured, whatever the verdicts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, platform } from 'node:os';
import { join, resolve } from 'node:path';
import { readOptions, USAGE } from '../bench/options.mjs';
import { npm, ROOT } from './npm.mjs';
import { setUp } from './setup.mjs';

const ARTIFACTS = join(ROOT, 'artifacts', 'bench');

const options = readOrExplain();
const target = options.browser === 'firefox' ? 'firefox' : 'chrome';
const { [options.browser]: executablePath } = setUp(options.browser);
// These modules import packages, which exist only after setup.
const { run } = await import('../bench/run.mjs');
const { leftOutList, toMarkdown } = await import('../bench/table.mjs');

const extension = options.extension ? resolve(options.extension) : build();
const interrupted = new Promise((resolve) => process.once('SIGINT', resolve));
const loadBefore = loadavg()[0];

try {
  const result = await run(options, { executablePath, extension, artifacts: ARTIFACTS, interrupted }, (line) =>
    console.log(line),
  );
  for (const { figure, error } of result.failures) console.error(`\n${figure} failed:`, error);
  publish(result);
  process.exitCode = result.failures.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
// Timers of Playwright and PeerServer would keep the process running.
process.exit();

/** @param {import('../bench/run.mjs').Result} result */
function publish({ rows, leftOut, browser }) {
  const { rounds, quick } = options;
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, ${platform()}`;
  const note = [
    `${browser}, ${machine}, load ${loadBefore.toFixed(1)} before the run`,
    `${rounds} rounds in turns, median (smallest–largest)${quick ? ', quick: too little data to judge by' : ''}`,
  ].join('; ');
  const table = [note, toMarkdown(rows), leftOutList(leftOut)].filter(Boolean).join('\n\n') + '\n';
  console.log(`\n${table}`);
  mkdirSync(ARTIFACTS, { recursive: true });
  const name = (quick ? 'quick' : 'bench') + (target === 'firefox' ? '-firefox' : '');
  writeFileSync(join(ARTIFACTS, `${name}.md`), table);
  const facts = { date: new Date().toISOString(), browser, machine, loadBefore, rounds, quick };
  writeFileSync(join(ARTIFACTS, `${name}.json`), JSON.stringify({ ...facts, rows, leftOut }, null, 2));
}

/** @returns {string} the folder of the built extension */
function build() {
  // Not minified, so that profiles show the functions' names.
  const outDir = options.profile ? join(ARTIFACTS, 'extension') : join(ROOT, 'dist', target);
  const settings = options.profile ? ['--', '--outDir', outDir, '--minify', 'false'] : [];
  const code = npm(['run', '--silent', 'build', ...settings], { TARGET: target });
  if (code !== 0) process.exit(1);
  return outDir;
}

function readOrExplain() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(1);
  }
}
