// Plays an administrator of this machine, who sets managed settings in Chromium's policy files. Policies go by extension ID, so each
// administrator gets its own copy of the extension with its own ID, and affects no other test. Call `leave()` when done.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST } from './browser';

/** Chromium on Linux reads every file in this folder (https://www.chromium.org/administrators/linux-quick-start/). */
const FOLDER = '/etc/chromium/policies/managed';

/** Settings as in extension/public/managed-schema.json. */
export type ManagedSettings = Record<string, unknown>;

export interface Administrator {
  /** The folder of the copied extension. The key in its manifest gives it the ID that the settings are for. */
  readonly extension: string;
  /** Replaces the settings. A browser started later has them at once; a running one reads them after about five seconds. */
  set(settings: ManagedSettings): Promise<void>;
  /** Removes the settings and the copy of the extension. */
  leave(): Promise<void>;
}

/** Why this machine cannot set policies; undefined if it can. */
export function whyNoAdministrator(): string | undefined {
  if (process.platform !== 'linux') return `Chromium reads policies from ${FOLDER} on Linux only.`;
  try {
    mkdirSync(FOLDER, { recursive: true });
    accessSync(FOLDER, constants.W_OK);
    return undefined;
  } catch {
    return `Policies are set in ${FOLDER}, where this user may not write; run the test as root.`;
  }
}

export async function administrator(): Promise<Administrator> {
  const { key, id } = createExtensionKey();
  const home = await mkdtemp(join(tmpdir(), 'peerport-managed-'));
  const extension = join(home, 'extension');
  await cp(DIST, extension, { recursive: true });
  const manifestFile = join(extension, 'manifest.json');
  const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as object;
  await writeFile(manifestFile, JSON.stringify({ ...manifest, key }));
  const file = join(FOLDER, `peerport-test-${id}.json`);
  return {
    extension,
    set: (settings) => writeFile(file, JSON.stringify({ '3rdparty': { extensions: { [id]: settings } } })),
    async leave() {
      await Promise.all([rm(file, { force: true }), rm(home, { recursive: true })]);
    },
  };
}

/**
 * A `key` for a manifest, and the extension ID that Chromium derives from it: the first 128 bits of the public key's SHA-256 in
 * hexadecimal, written with the letters a to p.
 */
function createExtensionKey(): { key: string; id: string } {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const digits = createHash('sha256').update(der).digest('hex').slice(0, 32);
  const id = digits.replace(/./g, (digit) => String.fromCharCode('a'.charCodeAt(0) + parseInt(digit, 16)));
  return { key: der.toString('base64'), id };
}
