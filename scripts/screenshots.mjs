// npm run screenshots: writes the pictures of the documents to docs/screenshots/*.png. Two real browsers with the extension
// meet in the demo, talk and send a file. Nothing in the pictures is faked.
/* global chrome -- inside evaluate() */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm, ROOT } from './npm.mjs';
import { setUp } from './setup.mjs';

const TARGET = join(ROOT, 'docs', 'screenshots');
/** The file's size, large enough that it is still being sent when the picture is taken. */
const FILE_BYTES = 256 * 1024 * 1024;
/** The panel draws the traffic that it has seen. A few seconds make a curve. */
const WATCHED_MS = 6_000;
const PANEL = { width: 408, height: 600 };
/** The width of the window. The picture is as high as the page. */
const PROMPT = { width: 440, height: 470 };

const { chromium: executablePath } = setUp('chromium');
// These modules import packages, which exist only after setup.
const { film } = await import('./demo/camera.mjs');
const { startDemoServer, startPeerServer } = await import('./demo/servers.mjs');
const { ChromiumDriver } = await import('./demo/chromium.mjs');
const { Profile } = await import('./demo/profile.mjs');

if (npm(['run', '--silent', 'build']) !== 0) process.exit(1);
mkdirSync(TARGET, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'peerport-screenshots-'));
const peerServer = await startPeerServer();
const demo = await startDemoServer({ peerServerPort: peerServer.port, withPeerJS: false });
const [adas, bens] = await Promise.all([open('dusk'), open('noon')]);
const ada = new Profile('Ada', adas);
const ben = new Profile('Ben', bens);

try {
  await picturePrompt();
  await meet();
  await picturePanel();
  await picturePages();
} finally {
  await Promise.all([ada.close(), ben.close()]);
  demo.close();
  peerServer.close();
  rmSync(folder, { recursive: true, force: true });
}
// Timers of Playwright and PeerServer would keep the process running.
process.exit();

/** @param {'dusk' | 'noon'} light */
async function open(light) {
  const extension = join(ROOT, 'dist', 'chrome');
  return ChromiumDriver.open({ executablePath, headless: true, extension, left: 0, film: film(folder, light) });
}

async function picturePrompt() {
  const [asked] = await Promise.all([ben.prompt(), ben.visit(demo.url)]);
  await asked.press('Always allow');
  const [prompt] = await Promise.all([ada.prompt(), ada.visit(demo.url)]);
  await prompt.resize(PROMPT);
  await prompt.picture(fileOf('prompt'), true);
  await prompt.press('Always allow');
}

async function meet() {
  await Promise.all([ada.reaches('ready'), ben.reaches('ready')]);
  await ada.connectTo(await ben.id());
  await Promise.all([ada.reaches('connected'), ben.reaches('connected')]);
  await ada.call();
  await ben.rings();
  await ben.answer();
  await ada.watch();
  const path = join(folder, 'holiday.zip');
  writeFileSync(path, randomBytes(FILE_BYTES));
  await ada.sendFile(path);
}

async function picturePanel() {
  const [worker] = adas.context.serviceWorkers();
  const tabId = await worker.evaluate(tabOf, new URL(demo.url).origin);
  const panel = await extensionPage(`panel/index.html?tab=${tabId}`);
  await panel.setViewportSize(PANEL);
  await panel.waitForTimeout(WATCHED_MS);
  await save(panel, 'panel');
  await panel.close();
}

async function picturePages() {
  const settings = await extensionPage('settings/index.html#sites');
  await settings.getByRole('button', { name: /^Details of/ }).click();
  await save(settings, 'settings');
  await settings.goto(settings.url().replace(/#.*/, '#servers'));
  await settings.getByLabel('Address', { exact: true }).fill(`http://127.0.0.1:${peerServer.port}/`);
  await settings.getByLabel('Address', { exact: true }).press('Enter');
  await settings.getByText('Saved').waitFor();
  const welcome = await extensionPage('welcome/index.html');
  await welcome.getByRole('button', { name: 'Start the test' }).click();
  await welcome.getByText('The test passed.').waitFor();
  await save(welcome, 'welcome');
}

/** @param {string} path */
async function extensionPage(path) {
  const [worker] = adas.context.serviceWorkers();
  const page = await adas.context.newPage();
  await page.goto(new URL(`/extension/${path}`, worker.url()).href);
  await page.getByRole('main').waitFor();
  return page;
}

/** @param {import('playwright').Page} page @param {string} name */
async function save(page, name) {
  await page.screenshot({ path: fileOf(name), fullPage: true });
}

/** @param {string} name */
function fileOf(name) {
  const path = join(TARGET, `${name}.png`);
  console.log(path);
  return path;
}

/** In the worker. @param {string} origin */
async function tabOf(origin) {
  const tabs = await chrome.tabs.query({});
  return tabs.find(({ url }) => url?.startsWith(`${origin}/`))?.id;
}
