// The demo's script: the two people register, find each other, chat, send a file and verify it, reload a page and continue, then
// call and verify that they see and hear each other. Prints each step with the figures that the pages have measured.
import { createHash, randomFillSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../npm.mjs';

/** @typedef {import('./profile.mjs').Profile} Profile */

const FILE_BYTES = 64 * 1024 * 1024;
const PHONE = { width: 390, height: 844 };
const PICTURES = join(ROOT, 'artifacts', 'demo');

/**
 * @param {{ ada: Profile, ben: Profile, url: string, folder: string, consent: 'click' | 'person' | 'none' }} scene
 *   `folder`: the place for the file to send; `consent`: who answers the prompt
 */
export async function play({ ada, ben, url, folder, consent }) {
  mkdirSync(PICTURES, { recursive: true });
  for (const person of [ada, ben]) await register(person, url, consent);
  await meet(ada, ben);
  await chat(ada, ben);
  await handOver(ada, ben, folder);
  await portraits(ada, ben);
  // With stock PeerJS, a reloaded page has lost its connection.
  if (consent !== 'none') await comeBack(ada, ben, url);
  await talk(ada, ben);
}

/**
 * @param {Profile} person
 * @param {string} url
 * @param {'click' | 'person' | 'none'} consent
 */
async function register(person, url, consent) {
  if (consent === 'person') {
    console.log(`${person.name}: please answer the extension's prompt ("Keep an ID for this site", "Always allow")`);
  }
  if (consent === 'click') {
    const [prompt] = await Promise.all([person.prompt(), person.visit(url)]);
    await allow(person, prompt);
  } else {
    await person.visit(url);
  }
  await person.reaches('ready', consent === 'person' ? 0 : undefined);
  // If a person answers the prompt, the figure would measure the person.
  const ms = consent === 'person' ? undefined : await person.measured('registered');
  report(`${person.name} is registered as ${await person.id()}`, ms, consent === 'click' ? 'prompt included' : '');
}

/**
 * @param {Profile} person
 * @param {import('./driver.mjs').DrivenPage} prompt
 */
async function allow(person, prompt) {
  // In headless mode, popup windows have the same size as all pages.
  await prompt.resize({ width: 460, height: 640 });
  await person.keepId(prompt);
  await picture(prompt, `1-consent-${person.name.toLowerCase()}`);
  // The window may close before the browser confirms the click. The demo page shows whether it was delivered.
  await Promise.any([prompt.press('Always allow'), person.reaches('ready')]);
  report(`${person.name} clicked "Always allow"`);
}

/** @param {Profile} ada @param {Profile} ben */
async function meet(ada, ben) {
  await picture(ben.page, '2-ready');
  await ben.connectTo(await ada.id());
  await Promise.all([ada.reaches('connected'), ben.reaches('connected')]);
  report('Ben is connected to Ada', await ben.measured('connected'));
}

/** @param {Profile} ada @param {Profile} ben */
async function chat(ada, ben) {
  await say(ben, ada, 'Hello Ada, do you read me?');
  await say(ada, ben, 'Loud and clear. Nothing in between but our two browsers.');
  await say(ben, ada, 'Then send me that file, please. All 64 MiB of it.');
}

/** @param {Profile} speaker @param {Profile} listener @param {string} text */
async function say(speaker, listener, text) {
  const [delivery] = await Promise.all([speaker.say(text), listener.hears(text)]);
  report(`${speaker.name} said "${text}" ${delivery}`);
}

/** @param {Profile} ada @param {Profile} ben @param {string} folder */
async function handOver(ada, ben, folder) {
  const path = join(folder, 'holiday-film.bin');
  const bytes = randomFillSync(Buffer.allocUnsafe(FILE_BYTES));
  writeFileSync(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');

  await ada.sendFile(path);
  await ben.isPast(0.5);
  await picture(ben.page, '3-half-way');
  const [sent, arrived] = await Promise.all([ada.verdict(), ben.verdict()]);
  for (const verdict of [sent, arrived]) {
    const isProved = verdict.sent === sha256 && verdict.received === sha256 && verdict.badge.includes('Verified');
    if (!isProved) throw new Error(`The file did not arrive whole: ${JSON.stringify({ sha256, ...verdict })}`);
  }
  const ms = await ben.measured(basename(path));
  const speed = ((FILE_BYTES / 1e6 / ms) * 1000).toFixed(1);
  report('Ada sent 64 MiB, Ben has all of them', ms, `${speed} MB/s`);
  report(`SHA-256 of the file, at Ada's and at Ben's: ${sha256}`);
}

/** @param {Profile} ada @param {Profile} ben @param {string} url */
async function comeBack(ada, ben, url) {
  await ada.keepConnections();
  report('Ada lets pages keep their connections across reloads');
  const before = await ada.id();
  await ada.visit(url);
  await ada.reaches('connected');
  const after = await ada.id();
  if (after !== before) throw new Error(`Ada's ID changed in the reload: ${before}, ${after}`);
  report(
    'Ada loaded her page anew, and is connected to Ben again',
    await ada.measured('connected'),
    'with the same ID',
  );
  await say(ben, ada, 'Have you been away?');
  await say(ada, ben, 'I have loaded the page anew. You were not told?');
  if (!(await ben.hasStayed())) throw new Error('Ben’s page saw the connection end');
  report('Ben has noticed nothing');
}

/** @param {Profile} ada @param {Profile} ben */
async function talk(ada, ben) {
  await ben.call();
  await ada.rings();
  await picture(ada.page, '8-ringing');
  await ada.answer();
  const camera = await seeEachOther(ada, ben);
  await ada.hearsSound(true);
  report('Ada hears Ben');
  await callPortraits(ada, ben);

  await ben.press('Microphone');
  await ada.isTold('Their microphone is off');
  await ada.hearsSound(false);
  report('Ben turned his microphone off, Ada hears nothing any more');
  await ben.press('Microphone');
  await ada.hearsSound(true);
  report('Ben turned it on again, Ada hears him');

  await shareScreen(ben, ada, camera);
  await ada.press('Hang up');
  await Promise.all([ada.isIdle(), ben.isIdle()]);
  report('Ada hung up, both are idle again and still connected');
  await picture(ben.page, '12-after-the-call');
}

/**
 * @param {Profile} ada
 * @param {Profile} ben
 * @returns {Promise<Picture>} what Ada sees
 */
async function seeEachOther(ada, ben) {
  const [adaSees, benSees] = await Promise.all([ada.watch(), ben.watch()]);
  if (ada.browser.telling === 'pitch') await Promise.all([recognise(ada, ben), recognise(ben, ada)]);
  // The cameras differ in color, which proves that each person sees the other's picture.
  else if (!isCool(adaSees) || isCool(benSees)) {
    throw new Error(`The pictures are not those of the other person: ${JSON.stringify({ adaSees, benSees })}`);
  }
  report('Ada answered and sees Ben', await ada.measured('first picture'), describe(adaSees));
  report('Ben sees Ada', await ben.measured('first picture'), describe(benSees));
  report(`Ben's page says: ${await ben.callFigures()}`);
  return adaSees;
}

/**
 * Checks that the listener hears the speaker's pitch. For browsers whose cameras all show the same picture.
 * @param {Profile} listener
 * @param {Profile} speaker
 */
async function recognise(listener, speaker) {
  const { hertz, resolution } = await listener.hearsPitch();
  const expected = speaker.browser.pitch ?? NaN;
  if (!(Math.abs(hertz - expected) <= resolution)) {
    throw new Error(`${listener.name} hears ${hertz} Hz instead of ${speaker.name}'s ${expected} Hz`);
  }
  report(`${listener.name} hears ${speaker.name}'s ${expected} Hz: ${Math.round(hertz)} Hz`);
}

/**
 * @param {Profile} sharer
 * @param {Profile} watcher
 * @param {Picture} camera the picture that the watcher has seen before
 */
async function shareScreen(sharer, watcher, camera) {
  const { shareScreen: reason } = sharer.browser.cannot;
  if (reason) {
    report(`Left out: sharing the screen; ${reason}`);
    return;
  }
  await sharer.press('Share screen');
  await watcher.seesOtherShapeThan(camera);
  const screen = await watcher.watch();
  report(`${sharer.name} shares the screen, ${watcher.name} sees it: ${describe(screen)}`);
  await picture(watcher.page, '11-shared-screen');
  await sharer.press('Share screen');
  await watcher.seesOtherShapeThan(screen);
  report(`${sharer.name} shows the camera again: ${describe(await watcher.watch())}`);
}

/** @typedef {{ width: number, height: number, frames: number, colour: number[] }} Picture */

/** Whether the picture is from Ben's camera: more blue than red. @param {Picture} picture */
function isCool({ colour: [red, , blue] }) {
  return blue > red;
}

/** @param {Picture} picture */
function describe({ width, height, frames }) {
  return `${width} × ${height}, ${frames} frames and moving`;
}

/** @param {Profile} ada @param {Profile} ben */
async function callPortraits(ada, ben) {
  if (ada.page.size === null) return;
  await picture(ben.page, '9-call');
  await darkPicture(ben, '9-call-dark');
  await phonePicture(ada, '10-call-phone');
}

/** @param {Profile} ada @param {Profile} ben */
async function portraits(ada, ben) {
  await picture(ada.page, '4-sent');
  await picture(ben.page, '5-arrived');
  if (ada.page.size === null) return;
  await darkPicture(ben, '6-dark');
  await phonePicture(ada, '7-phone');
}

/** @param {Profile} person @param {string} name */
async function darkPicture({ page, browser }, name) {
  if (!page.showIn) {
    report(`Left out: the picture ${name}; ${browser.cannot.showIn}`);
    return;
  }
  await page.showIn('dark');
  await picture(page, name);
  await page.showIn('light');
}

/** @param {Profile} person @param {string} name */
async function phonePicture({ page }, name) {
  const { size } = page;
  await page.resize(PHONE);
  await picture(page, name, true);
  if (size) await page.resize(size);
}

/**
 * Takes pictures of the pages after an error.
 * @param {Profile[]} people
 */
export async function pictureOfFailure(people) {
  for (const person of people) await picture(person.page, `failure-${person.name.toLowerCase()}`);
}

/** @param {import('./driver.mjs').DrivenPage} page @param {string} name @param {boolean} [fullPage] */
async function picture(page, name, fullPage = false) {
  await page.picture(join(PICTURES, `${name}.png`), fullPage);
}

/** @param {string} text @param {number} [ms] @param {string} [remark] */
export function report(text, ms, remark = '') {
  const figures = [ms === undefined ? '' : `${Math.round(ms)} ms`, remark].filter(Boolean).join(', ');
  console.log(figures ? `${text}: ${figures}` : text);
}
