// npm run soak: 200 Peers in 50 tabs with 500 connections, while pages come and go, in two profiles with the extension and
// one with stock PeerJS. Prints the figures and keeps them in artifacts/soak/soak.md. Exits 0 if each is what it must be.
import { parseArgs } from 'node:util';
import { npm } from './npm.mjs';
import { setUp } from './setup.mjs';

const USAGE = `npm run soak -- [options]
  --minutes M   how long pages come and go (default 10); to open all of it twice takes some minutes more
  --scale S     a part of it all, for a quick look: 0.1 has 5 tabs, 20 Peers and 50 connections (default 1)
  --built       dist/chrome is there and new: do not build it`;

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
    if (!(scale > 0 && scale <= 1)) throw new Error('--scale takes a number above 0, up to 1');
    return { minutes, scale, built: values.built };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(1);
  }
}
