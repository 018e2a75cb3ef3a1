// npm run soak: loads three profiles with the extension and one with stock PeerJS: 204 Peers in 51 tabs with 501
// connections, while pages come and go. Prints the figures and writes them to artifacts/soak/soak.md. Exits 0 if each
// figure has its required value.
import { parseArgs } from 'node:util';
import { npm } from './npm.mjs';
import { setUp } from './setup.mjs';

const USAGE = `npm run soak -- [options]
  --minutes M   how long pages come and go (default 10); opening all connections twice adds some minutes
  --scale S     the fraction of the load, for a quick run: 0.1 is 6 tabs, 24 Peers and 51 connections (default 1)
  --built       skip the build: dist/chrome is up to date`;

const { minutes, scale, built } = readOrExplain();
setUp('chromium');
const environment = { SOAK_MINUTES: String(minutes), SOAK_SCALE: String(scale) };
const code =
  (built ? 0 : npm(['run', '--silent', 'build'], { TARGET: 'chrome' })) ||
  npm(['exec', '--', 'playwright', 'test', '--config', 'test/soak/playwright.config.ts'], environment);
process.exit(code);

function readOrExplain() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '10' },
        scale: { type: 'string', default: '1' },
        built: { type: 'boolean', default: false },
      },
    });
    const [minutes, scale] = [Number(values.minutes), Number(values.scale)];
    if (!(minutes > 0)) throw new Error('--minutes takes a number above 0');
    if (!(scale > 0 && scale <= 1)) throw new Error('--scale takes a number above 0 and at most 1');
    return { minutes, scale, built: values.built };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(1);
  }
}
