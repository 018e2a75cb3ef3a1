// Builds the extension into dist/<target>. The root manifest.json is the Chrome form, written with source paths.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crx } from '@crxjs/vite-plugin';
import { defineConfig, type Plugin } from 'vite';
import manifest from './manifest.json' with { type: 'json' };

/**
 * Pages that the manifest does not name. The bridge is named only as a web-accessible resource, which CRXJS copies
 * but does not bundle.
 */
const PAGES = {
  offscreen: 'extension/offscreen/index.html',
  bridge: 'extension/bridge/index.html',
  prompt: 'extension/prompt/index.html',
  welcome: 'extension/welcome/index.html',
};

/** Content scripts are built apart from the main graph, so `--watch` has to be told about their sources. */
function watchSources(): Plugin {
  return {
    name: 'peerport:watch-sources',
    buildStart() {
      if (!this.meta.watchMode) return;
      for (const folder of ['src', 'extension']) {
        for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
          if (entry.isFile()) this.addWatchFile(join(entry.parentPath, entry.name));
        }
      }
    },
  };
}

/**
 * `window.Peer` must exist before the page's first script. A content script that CRXJS wraps in its async loader runs
 * too late, so such a build must not pass.
 */
function refuseAsyncContentScripts(): Plugin {
  return {
    name: 'peerport:refuse-async-content-scripts',
    enforce: 'post',
    writeBundle(_options, bundle) {
      const built = bundle['manifest.json'];
      if (built?.type !== 'asset') this.error('the build wrote no manifest.json');
      const { content_scripts: scripts } = JSON.parse(String(built.source)) as {
        content_scripts: { js: string[] }[];
      };
      const late = scripts.flatMap((script) => script.js).filter((file) => !file.endsWith('.iife.js'));
      if (late.length > 0) {
        this.error(`content scripts would load asynchronously: ${late.join(', ')}; name their sources *.iife.ts`);
      }
    },
  };
}

export default defineConfig({
  plugins: [crx({ manifest, browser: 'chrome' }), watchSources(), refuseAsyncContentScripts()],
  publicDir: 'extension/public',
  build: {
    outDir: 'dist/chrome',
    emptyOutDir: true,
    target: 'chrome130',
    modulePreload: false,
    rolldownOptions: { input: PAGES },
  },
});
