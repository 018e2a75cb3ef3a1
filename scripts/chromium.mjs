// Finds a Chromium that can load the extension from the command line. Uses only Node built-ins, because setup runs it before
// node_modules exists.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';

/** The manifest's `minimum_chrome_version`: the first version with `message_serialization`. */
const MINIMUM_VERSION = 148;

/**
 * Finds the first Chromium or Chrome for Testing that is new enough. `PEERPORT_CHROMIUM` has precedence. Skips Google Chrome,
 * which ignores `--load-extension` since version 137.
 * @returns {string | undefined} the path of the executable
 */
export function findChromium() {
  return candidates().find((path) => isUsable(path));
}

/**
 * Instructions for the user if `findChromium` finds nothing.
 * @returns {string}
 */
export function howToGetChromium() {
  const wanted = process.env.PEERPORT_CHROMIUM;
  const reason = wanted
    ? `PEERPORT_CHROMIUM names ${wanted}, which is no Chromium ${MINIMUM_VERSION} or later.`
    : `Found no Chromium ${MINIMUM_VERSION} or later.`;
  return (
    `${reason} Install Chromium or Chrome for Testing, for example with "npx playwright install chromium", ` +
    'or name its executable in PEERPORT_CHROMIUM. (Google Chrome itself cannot be used here: it ignores ' +
    '--load-extension. It runs the extension well once it is loaded by hand on chrome://extensions.)'
  );
}

/** @returns {string[]} existing executables, best first */
function candidates() {
  const wanted = process.env.PEERPORT_CHROMIUM;
  const paths = wanted ? [wanted] : [...usualPaths(), ...onPath(), ...downloadedByPlaywright()];
  return paths.filter((path) => existsSync(path));
}

/** @returns {string[]} */
function usualPaths() {
  const home = homedir();
  switch (process.platform) {
    case 'darwin':
      return ['', home].flatMap((root) => [
        `${root}/Applications/Chromium.app/Contents/MacOS/Chromium`,
        `${root}/Applications/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing`,
      ]);
    case 'win32':
      return [process.env.LOCALAPPDATA, process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)']]
        .filter((root) => root !== undefined)
        .map((root) => join(root, 'Chromium', 'Application', 'chrome.exe'));
    default:
      return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/lib/chromium/chromium', '/snap/bin/chromium'];
  }
}

/** @returns {string[]} */
function onPath() {
  const names = process.platform === 'win32' ? ['chromium.exe'] : ['chromium', 'chromium-browser', 'chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => names.map((name) => join(folder, name)));
}

/** @returns {string[]} the browsers that `npx playwright install chromium` has installed, newest first */
function downloadedByPlaywright() {
  const home = homedir();
  const root =
    process.env.PLAYWRIGHT_BROWSERS_PATH ??
    {
      darwin: join(home, 'Library', 'Caches', 'ms-playwright'),
      win32: join(process.env.LOCALAPPDATA ?? home, 'ms-playwright'),
    }[process.platform] ??
    join(home, '.cache', 'ms-playwright');
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((folder) => /^chromium-\d+$/.test(folder))
    .sort((a, b) => Number(b.split('-')[1]) - Number(a.split('-')[1]))
    .flatMap((folder) => readdirSync(join(root, folder)).map((platform) => join(root, folder, platform)))
    .flatMap((folder) => [
      join(folder, 'chrome'),
      join(folder, 'chrome.exe'),
      join(folder, 'Chromium.app', 'Contents', 'MacOS', 'Chromium'),
      join(folder, 'Google Chrome for Testing.app', 'Contents', 'MacOS', 'Google Chrome for Testing'),
    ]);
}

/** @param {string} path */
function isUsable(path) {
  const { name, version } = process.platform === 'win32' ? describeFromFiles(path) : describeFromOutput(path);
  const isBranded = /google chrome/i.test(name) && !/for testing/i.test(name);
  return version >= MINIMUM_VERSION && !isBranded;
}

/** @param {string} path */
function describeFromOutput(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  const [, name = '', version = '0'] = /^\s*(.*?)\s+(\d+)\./m.exec(stdout ?? '') ?? [];
  return { name, version: Number(version) };
}

/**
 * On Windows `--version` opens a window and prints nothing. The version is then the name of a folder or manifest beside
 * chrome.exe.
 * @param {string} path
 */
function describeFromFiles(path) {
  const name = basename(dirname(dirname(path))) === 'Chrome' ? 'Google Chrome' : 'Chromium';
  const versions = readdirSync(dirname(path))
    .map((file) => /^(\d+)\.\d+\.\d+\.\d+(\.manifest)?$/.exec(file))
    .map((match) => Number(match?.[1] ?? 0));
  return { name, version: Math.max(0, ...versions) };
}
