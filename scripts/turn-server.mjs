// Finds coturn, the tests' TURN server. Uses only Node built-ins, because setup runs it before node_modules exists.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The folders in which Debian, other systems and Homebrew install it. */
const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** @returns {string | undefined} the path of the executable */
export function findTurnServer() {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...USUAL_FOLDERS];
  return folders.map((folder) => join(folder, 'turnserver')).find((path) => existsSync(path));
}

/** @returns {string} instructions for the user if `findTurnServer` finds nothing */
export function howToGetTurnServer() {
  return 'Found no coturn (the program "turnserver"); install it, for example with "apt-get install coturn" or "brew install coturn".';
}
