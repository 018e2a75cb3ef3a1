// Finds a Firefox that can run the extension. Uses only Node built-ins, because setup runs it before node_modules exists.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** The manifest's `strict_min_version`: the first version that reports which document sent a message. */
const MINIMUM_VERSION = 153;

/**
 * Finds the first Firefox that is new enough. `PEERPORT_FIREFOX` has precedence. Any edition works, because all of them can load
 * an unsigned extension temporarily.
 * @returns {string | undefined} the path of the executable
 */
export function findFirefox() {
  return candidates().find((path) => versionOf(path) >= MINIMUM_VERSION);
}

/**
 * Instructions for the user if `findFirefox` finds nothing.
 * @returns {string}
 */
export function howToGetFirefox() {
  const wanted = process.env.PEERPORT_FIREFOX;
  const reason = wanted
    ? `PEERPORT_FIREFOX names ${wanted}, which is no Firefox ${MINIMUM_VERSION} or later.`
    : `Found no Firefox ${MINIMUM_VERSION} or later.`;
  return (
    `${reason} Install Firefox or Firefox ESR, from the packages of the system or from https://www.firefox.com/, ` +
    'or name its executable in PEERPORT_FIREFOX.'
  );
}

/** @returns {string[]} existing executables, best first */
function candidates() {
  const wanted = process.env.PEERPORT_FIREFOX;
  const paths = wanted ? [wanted] : [...usualPaths(), ...onPath()];
  return paths.filter((path) => existsSync(path));
}

/** @returns {string[]} */
function usualPaths() {
  switch (process.platform) {
    case 'darwin':
      return ['', homedir()].flatMap((root) =>
        ['Firefox', 'Firefox Developer Edition', 'Firefox Nightly'].map(
          (name) => `${root}/Applications/${name}.app/Contents/MacOS/firefox`,
        ),
      );
    case 'win32':
      return [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
        .filter((root) => root !== undefined)
        .flatMap((root) =>
          ['Mozilla Firefox', 'Firefox Developer Edition', 'Firefox Nightly'].map((name) =>
            join(root, name, 'firefox.exe'),
          ),
        );
    default:
      // Not /snap/bin: a snap can access neither the extension's folder nor a profile in the system's temporary folder.
      return [
        '/usr/bin/firefox-esr',
        '/usr/lib/firefox-esr/firefox-esr',
        '/usr/lib/firefox/firefox',
        '/opt/firefox/firefox',
      ];
  }
}

/** @returns {string[]} */
function onPath() {
  const names = process.platform === 'win32' ? ['firefox.exe'] : ['firefox-esr', 'firefox'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders
    .filter((folder) => !folder.startsWith('/snap/'))
    .flatMap((folder) => names.map((name) => join(folder, name)));
}

/** @param {string} path */
function versionOf(path) {
  return process.platform === 'win32' ? versionFromFile(path) : versionFromOutput(path);
}

/** @param {string} path */
function versionFromOutput(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return Number(/Firefox\s+(\d+)\./.exec(stdout ?? '')?.[1] ?? 0);
}

/**
 * On Windows `--version` prints nothing to a pipe. The version is then read from a file beside the executable.
 * @param {string} path
 */
function versionFromFile(path) {
  const file = join(dirname(path), 'application.ini');
  if (!existsSync(file)) return 0;
  return Number(/^Version=(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
}
