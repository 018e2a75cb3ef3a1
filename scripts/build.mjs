// npm run build: builds the extension for every browser, or only for the browser in TARGET. Further arguments go to vite.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const VITE = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
const targets = process.env.TARGET ? [process.env.TARGET] : ['chrome', 'firefox'];

for (const target of targets) {
  // One process per browser, because each process reads the configuration only once.
  const { status, error } = spawnSync(process.execPath, [VITE, 'build', ...process.argv.slice(2)], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    // In any other environment, JSX would be compiled for debugging, with the paths of its sources.
    env: { ...process.env, NODE_ENV: 'production', TARGET: target },
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
