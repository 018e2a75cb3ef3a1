// npm start: runs the demo from a bare clone. Two Chromium profiles with the extension meet through a PeerServer on this
// machine, chat, send a file, and call. With a display the windows stay open; without one it is a test that exits with 0 or 1.
// `npm start -- --browser firefox` uses two Firefox profiles instead. `--peerjs` runs the demo with stock PeerJS and without
// the extension, for comparison.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { npm, ROOT } from './npm.mjs';
import { setUp } from './setup.mjs';

/** The build of the extension for each browser. @type {Record<import('./setup.mjs').BrowserName, string>} */
const TARGETS = { chromium: 'chrome', firefox: 'firefox' };

const { browser, peerjs: withPeerJS } = readOptions();
const hasDisplay =
  process.stdin.isTTY === true &&
  (['darwin', 'win32'].includes(process.platform) || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY));

const { [browser]: executablePath } = setUp(browser);
// These modules import packages, which exist only after setup.
const { openDriver } = await import('./demo/browsers.mjs');
const { startDemoServer, startPeerServer } = await import('./demo/servers.mjs');
const { Profile } = await import('./demo/profile.mjs');
const { pictureOfFailure, play, report } = await import('./demo/story.mjs');

if (!withPeerJS) build();

/** Cleanup functions, which always run, in reverse order. @type {(() => unknown)[]} */
const closers = [];
/** @type {InstanceType<typeof Profile>[]} */
const people = [];
const interrupted = new Promise((resolve) => process.once('SIGINT', resolve)).then(() => 'interrupted');

try {
  await Promise.race([show(), interrupted]);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
  // Taking a picture fails if the browser is gone. The error above matters more.
  await pictureOfFailure(people).catch(() => undefined);
} finally {
  for (const close of closers.reverse()) await close();
}
// Timers of Playwright and PeerServer would keep the process running.
process.exit();

async function show() {
  const folder = mkdtempSync(join(tmpdir(), 'peerport-demo-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const url = await startServers();
  const [ada, ben] = await openProfiles(folder);
  await play({ ada, ben, url, folder, consent: withPeerJS ? 'none' : hasDisplay ? 'person' : 'click' });
  if (!hasDisplay) {
    console.log('Screenshots are in artifacts/demo/');
    return;
  }
  console.log('It is yours now: chat, drop files, call, reload. Ctrl-C ends it.');
  await Promise.all(people.map(({ browser }) => browser.closed));
}

async function startServers() {
  const peerServer = await startPeerServer();
  closers.push(peerServer.close);
  const demo = await startDemoServer({ peerServerPort: peerServer.port, withPeerJS });
  closers.push(demo.close);
  report(`PeerServer on 127.0.0.1:${peerServer.port}, demo page on ${demo.url}`);
  return demo.url;
}

/** @param {string} folder for the films of their cameras */
async function openProfiles(folder) {
  const startedAt = performance.now();
  const extension = withPeerJS ? {} : { extension: join(ROOT, 'dist', TARGETS[browser]) };
  const common = { executablePath, headless: !hasDisplay, ...extension };
  const [ada, ben] = await Promise.all([
    open('Ada', { ...common, left: 20 }, { folder, light: 'dusk', pitch: 440 }),
    open('Ben', { ...common, left: 940 }, { folder, light: 'noon', pitch: 1000 }),
  ]);
  report(`Two profiles ${withPeerJS ? 'with stock PeerJS' : 'with the extension'}`, performance.now() - startedAt);
  return [ada, ben];
}

/**
 * @param {string} name
 * @param {import('./demo/driver.mjs').Options} options
 * @param {import('./demo/browsers.mjs').Devices} devices
 */
async function open(name, options, devices) {
  const person = new Profile(name, await openDriver(browser, options, devices));
  closers.push(() => person.close());
  people.push(person);
  return person;
}

function build() {
  const startedAt = performance.now();
  const target = TARGETS[browser];
  const code = npm(['run', '--silent', 'build', '--', '--logLevel', 'warn'], { TARGET: target });
  if (code !== 0) process.exit(1);
  report(`Built dist/${target}`, performance.now() - startedAt);
}

/** @returns {{ browser: import('./setup.mjs').BrowserName, peerjs: boolean }} */
function readOptions() {
  const { browser, peerjs } = parseArgs({
    options: { browser: { type: 'string', default: 'chromium' }, peerjs: { type: 'boolean', default: false } },
  }).values;
  if (browser === 'chromium' || browser === 'firefox') return { browser, peerjs };
  console.error(`--browser takes chromium or firefox, not ${browser}`);
  process.exit(1);
}
