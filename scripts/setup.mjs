// Installs what a bare clone lacks: the locked packages and, where the system permits, the browsers and a TURN server for the
// tests. Imports only Node built-ins, because it runs before node_modules exists.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, howToGetChromium } from './chromium.mjs';
import { findFirefox, howToGetFirefox } from './firefox.mjs';
import { npm, ROOT } from './npm.mjs';
import { findTurnServer, howToGetTurnServer } from './turn-server.mjs';

/** How to find and install each browser. @type {Record<BrowserName, Installable>} */
const BROWSERS = {
  chromium: { name: 'Chromium', aptPackage: 'chromium', find: findChromium, howToGet: howToGetChromium },
  firefox: { name: 'Firefox', aptPackage: 'firefox-esr', find: findFirefox, howToGet: howToGetFirefox },
};

/**
 * @typedef {'chromium' | 'firefox'} BrowserName
 * @typedef {{ name: string, aptPackage: string, find: () => string | undefined, howToGet: () => string }} Installable
 *   `aptPackage`: the name of Debian's package
 */

/**
 * Installs the missing parts. If a part cannot be installed, prints instructions and ends the process.
 * @param {BrowserName[]} wanted
 * @returns {Record<BrowserName, string>} the paths of the wanted browsers
 */
export function setUp(...wanted) {
  if (!areModulesInstalled()) installModules();
  const paths = wanted.map((name) => [name, BROWSERS[name].find() ?? install(BROWSERS[name])]);
  return Object.fromEntries(paths);
}

/** Whether node_modules holds every package of the lock file in the locked version. */
function areModulesInstalled() {
  const installed = lockedPackages('node_modules/.package-lock.json');
  const locked = lockedPackages('package-lock.json');
  return Object.entries(locked).every(([path, { version, integrity, optional }]) => {
    // Skips the root itself, and packages for other platforms, which npm does not install.
    if (path === '' || (optional && !installed[path])) return true;
    return installed[path]?.version === version && installed[path]?.integrity === integrity;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }>}
 */
function lockedPackages(file) {
  const path = join(ROOT, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {};
}

function installModules() {
  console.log('Installing the locked packages (npm ci)');
  const code = npm(['ci', '--no-audit', '--no-fund'], { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' });
  if (code !== 0) fail('npm ci failed; its output above says why.');
}

/** @param {Installable} browser */
function install({ name, aptPackage, find, howToGet }) {
  if (!process.env[`PEERPORT_${name.toUpperCase()}`] && isDebianAsRoot()) {
    console.log(`Installing ${name} (apt-get)`);
    run('apt-get', ['update']);
    run('apt-get', ['install', '-y', '--no-install-recommends', aptPackage]);
  }
  return find() ?? fail(howToGet());
}

/** Installs the TURN server for the tests that need a relay. Without it, these tests are skipped with a notice. */
export function setUpTurnServer() {
  if (findTurnServer() === undefined && isDebianAsRoot()) {
    console.log('Installing coturn (apt-get)');
    // Runlevel 1 keeps Debian from starting coturn as a system service. A failure is not fatal, because all other tests can run
    // without coturn.
    if (succeeds('apt-get', ['update'])) {
      succeeds('apt-get', ['install', '-y', '--no-install-recommends', 'coturn'], { RUNLEVEL: '1' });
    }
  }
  if (findTurnServer() === undefined) console.log(`The tests with a relay will be skipped. ${howToGetTurnServer()}`);
}

/** Excludes Ubuntu, whose package `chromium` only installs the snap. */
function isDebianAsRoot() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false;
  return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  if (!succeeds(command, args)) fail(`"${command} ${args.join(' ')}" failed; its output above says why.`);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [environment] variables to add
 */
function succeeds(command, args, environment = {}) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', ...environment };
  return spawnSync(command, args, { stdio: 'inherit', env }).status === 0;
}

/**
 * @param {string} sentence
 * @returns {never}
 */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
