// An administrator of this machine: what they set for the extension in Chromium's policy files. A browser reads these for
// an extension by its ID, so each administrator has a copy of the extension with an ID of its own, and sets nothing for
// any other.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIST } from './browser';

/** Where Chromium looks on Linux (https://www.chromium.org/administrators/linux-quick-start/). It reads every file there. */
const FOLDER = '/etc/chromium/policies/managed';

/** What is set for Peerport; the published form is extension/public/managed-schema.json. */
export type ManagedSettings = Record<string, unknown>;

export interface Administrator {
  /** A copy of the built extension, whose manifest says the ID that the settings are for. */
  readonly extension: string;
  /** Settings that are there when a browser starts hold from the start; a running one reads them after some five seconds. */
  set(settings: ManagedSettings): Promise<void>;
  /** Takes everything back and leaves no trace. */
  leave(): Promise<void>;
}

/** Why nobody can play the administrator here; undefined: somebody can. */
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
 * A `key` for a manifest, and the ID that Chromium makes of it: the first 128 bits of the SHA-256 of the public key, in
 * hexadecimal digits, for which it takes the letters from a to p.
 */
function createExtensionKey(): { key: string; id: string } {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const digits = createHash('sha256').update(der).digest('hex').slice(0, 32);
  const id = digits.replace(/./g, (digit) => String.fromCharCode('a'.charCodeAt(0) + parseInt(digit, 16)));
  return { key: der.toString('base64'), id };
}
