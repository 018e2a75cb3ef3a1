// npm run icons: renders extension/icons/*.svg with Chromium to extension/public/icons, one PNG for each size in the manifest.
// The size of 16 pixels has a simpler drawing, because the rings would be illegible.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './npm.mjs';
import { setUp } from './setup.mjs';

const SIZES = { 'icon-small.svg': [16], 'icon.svg': [24, 32, 48, 64, 128] };
const TARGET = join(ROOT, 'extension', 'public', 'icons');

const { chromium: executablePath } = setUp('chromium');
// A package, which exists only after setup.
const { chromium } = await import('playwright');

const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
const page = await browser.newPage();
for (const [drawing, sizes] of Object.entries(SIZES)) {
  const svg = readFileSync(join(ROOT, 'extension', 'icons', drawing), 'utf8');
  for (const size of sizes) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
    writeFileSync(join(TARGET, `icon-${size}.png`), await page.screenshot({ omitBackground: true }));
  }
}
await browser.close();
