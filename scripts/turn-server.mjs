// Finds coturn, the TURN server of the tests. Node built-ins only: setup runs it before node_modules exist.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian has it among the user's programs, other systems and Homebrew where theirs are. */
const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** @returns {string | undefined} the path of the executable */
export function findTurnServer() {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...USUAL_FOLDERS];
  return folders.map((folder) => join(folder, 'turnserver')).find((path) => existsSync(path));
}

/** @returns {string} what a person has to do where `findTurnServer` finds nothing */
export function howToGetTurnServer() {
  return 'Found no coturn (the program "turnserver"); install it, for example with "apt-get install coturn" or "brew install coturn".';
}
