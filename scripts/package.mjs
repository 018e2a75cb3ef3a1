// npm run package: builds, and writes the stores' archives to artifacts/packages: one for each browser, and the sources for
// Firefox's reviewers. The same sources give the same bytes on any machine at any time.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, ROOT } from './npm.mjs';
import { setUp } from './setup.mjs';

setUp();
// These modules import packages, which exist only after setup.
const { archive, filesIn } = await import('./package/archive.mjs');
const { sourceFiles } = await import('./package/sources.mjs');

const folder = join(ROOT, 'artifacts', 'packages');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

if (npm(['run', '--silent', 'build']) !== 0) {
  console.error('The build failed. See its output above.');
  process.exit(1);
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const browser of ['chrome', 'firefox']) {
  const built = join(ROOT, 'dist', browser);
  refuseOtherVersion(built);
  write(`peerport-${version}-${browser}.zip`, archive(built, filesIn(built)));
}
write(`peerport-${version}-sources.zip`, archive(ROOT, sourceFiles(ROOT)));

/** @param {string} built */
function refuseOtherVersion(built) {
  const { version: ofManifest } = JSON.parse(readFileSync(join(built, 'manifest.json'), 'utf8'));
  if (ofManifest === version) return;
  console.error(`manifest.json has version ${ofManifest}, package.json ${version}. Both must be the same.`);
  process.exit(1);
}

/**
 * @param {string} name
 * @param {Uint8Array} bytes
 */
function write(name, bytes) {
  writeFileSync(join(folder, name), bytes);
  const digest = createHash('sha256').update(bytes).digest('hex');
  console.log(`${digest}  artifacts/packages/${name} (${(bytes.length / 1000).toFixed(0)} kB)`);
}
