// npm start: shows the main job from a bare clone. Two Chromium profiles with the extension meet through a PeerServer on
// this machine, chat, send a file, and call. With a display the windows stay open; without one it is a proof that exits 0 or 1.
// `npm start -- --peerjs` does the same with stock PeerJS and no extension, to compare.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm } from './npm.mjs';
import { setUp } from './setup.mjs';

const withPeerJS = process.argv.includes('--peerjs');
const hasDisplay =
  process.stdin.isTTY === true &&
  (['darwin', 'win32'].includes(process.platform) || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY));

const { chromium } = setUp('chromium');
// These import packages, so they can be loaded only now.
const { film } = await import('./demo/camera.mjs');
const { startDemoServer, startPeerServer } = await import('./demo/servers.mjs');
const { Profile } = await import('./demo/profile.mjs');
const { pictureOfFailure, play, report } = await import('./demo/story.mjs');

if (!withPeerJS) build();

/** Closed in reverse order, whatever happens. @type {(() => unknown)[]} */
const closers = [];
/** @type {InstanceType<typeof Profile>[]} */
const people = [];
const interrupted = new Promise((resolve) => process.once('SIGINT', resolve)).then(() => 'interrupted');

try {
  await Promise.race([show(), interrupted]);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
  // A browser that is gone cannot be pictured; the error above is what matters.
  await pictureOfFailure(people).catch(() => undefined);
} finally {
  for (const close of closers.reverse()) await close();
}
// Playwright and PeerServer keep timers that would hold the process.
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
  await Promise.all(people.map(({ context }) => new Promise((resolve) => context.once('close', resolve))));
}

async function startServers() {
  const peerServer = await startPeerServer();
  closers.push(peerServer.close);
  const demo = await startDemoServer({ peerServerPort: peerServer.port, withPeerJS });
  closers.push(demo.close);
  report(`PeerServer on 127.0.0.1:${peerServer.port}, demo page on ${demo.url}`);
  return demo.url;
}

/** @param {string} folder for what their cameras see */
async function openProfiles(folder) {
  const startedAt = performance.now();
  const common = { executablePath: chromium, headless: !hasDisplay, withExtension: !withPeerJS };
  const [ada, ben] = await Promise.all([
    Profile.open({ ...common, name: 'Ada', left: 20, camera: film(folder, 'dusk') }),
    Profile.open({ ...common, name: 'Ben', left: 940, camera: film(folder, 'noon') }),
  ]);
  people.push(ada, ben);
  closers.push(...people.map((person) => () => person.close()));
  report(`Two profiles ${withPeerJS ? 'with stock PeerJS' : 'with the extension'}`, performance.now() - startedAt);
  return [ada, ben];
}

function build() {
  const startedAt = performance.now();
  const code = npm(['run', '--silent', 'build', '--', '--logLevel', 'warn'], { TARGET: 'chrome' });
  if (code !== 0) process.exit(1);
  report('Built dist/chrome', performance.now() - startedAt);
}
