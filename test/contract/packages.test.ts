// The archives for the stores: complete, reproducible, and buildable by a reviewer from the archive of sources.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILDS_MS = 120_000;

/** Runs `npm run package` in this folder, and returns the archives by name. */
function packagesOf(root: string): Map<string, Buffer> {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/package.mjs'], { cwd: root, encoding: 'utf8' });
  expect(stderr).not.toContain('Error');
  expect(status).toBe(0);
  const folder = join(root, 'artifacts', 'packages');
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

function unpack(bytes: Buffer, folder: string): void {
  for (const [path, content] of Object.entries(unzipSync(bytes))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

describe('npm run package', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'peerport-sources-'));
  let packages: Map<string, Buffer>;

  /** The only archive of this kind. */
  function archiveOf(kind: string): Buffer {
    const [found, another] = [...packages].filter(([name]) => name.endsWith(`-${kind}.zip`));
    expect(found).toBeDefined();
    expect(another).toBeUndefined();
    return found![1];
  }

  beforeAll(() => {
    packages = packagesOf(ROOT);
  }, BUILDS_MS);

  afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

  it.each(['chrome', 'firefox'])(
    'makes an archive for %s with every file that the manifest names, and without sources',
    (browser) => {
      const files = unzipSync(archiveOf(browser));
      const manifest = JSON.parse(strFromU8(files['manifest.json']!)) as {
        icons: Record<string, string>;
        content_scripts: { js: string[] }[];
        action: { default_popup: string };
      };
      const named = [
        ...Object.values(manifest.icons),
        ...manifest.content_scripts.flatMap(({ js }) => js),
        manifest.action.default_popup,
        '_locales/en/messages.json',
        '_locales/de/messages.json',
      ];
      expect(Object.keys(files)).toEqual(expect.arrayContaining(named));
      expect(Object.keys(files).filter((path) => /\.(ts|tsx|map)$/.test(path))).toEqual([]);
    },
  );

  it(
    'makes the same archives from the unpacked archive of sources in another folder',
    () => {
      unpack(archiveOf('sources'), elsewhere);
      symlinkSync(join(ROOT, 'node_modules'), join(elsewhere, 'node_modules'));
      const again = packagesOf(elsewhere);
      expect([...again.keys()]).toEqual([...packages.keys()]);
      for (const [name, bytes] of again) expect(bytes.equals(packages.get(name)!), name).toBe(true);
    },
    BUILDS_MS,
  );
});
