// Builds the extension for the browser that TARGET names, Chrome without it, into dist/<target>.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crx, type ManifestV3Export } from '@crxjs/vite-plugin';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { manifestFor, TARGETS, type Target } from './manifest.config.ts';

/**
 * Pages that the manifest does not name. The bridge is named only as a web-accessible resource, which CRXJS copies
 * but does not bundle.
 */
const COMMON_PAGES = {
  bridge: 'extension/bridge/index.html',
  prompt: 'extension/prompt/index.html',
  welcome: 'extension/welcome/index.html',
};

const PAGES: Record<Target, Record<string, string>> = {
  chrome: { ...COMMON_PAGES, offscreen: 'extension/offscreen/index.html' },
  firefox: COMMON_PAGES,
};

/** The oldest version that the manifest admits, or one that needs the same syntax. */
const SYNTAX: Record<Target, string> = { chrome: 'chrome130', firefox: 'firefox140' };

function readTarget(): Target {
  const named = process.env.TARGET ?? 'chrome';
  const target = TARGETS.find((known) => known === named);
  if (!target) throw new Error(`TARGET is "${named}"; it may be ${TARGETS.join(' or ')}`);
  return target;
}

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

/**
 * Preact can set markup from a string, which no page of ours does and no review should have to look for: what would be
 * markup is text.
 */
function withoutMarkupFromStrings(): Plugin {
  return {
    name: 'peerport:without-markup-from-strings',
    transform(code, id) {
      if (!/\/preact\/dist\/preact\.m?js$/.test(id)) return undefined;
      const changed = code.replace(/\.innerHTML=(\w+\.__html)/, '.textContent=$1');
      if (changed === code) this.error('Preact sets innerHTML in another way than before');
      return { code: changed, map: null };
    },
  };
}

/**
 * What the package exports as a module wraps its CommonJS file, for which the bundler brings helpers into every page. The
 * package has a module of its own that needs none.
 */
const eventEmitterAsModule = {
  find: /^eventemitter3$/,
  replacement: join(import.meta.dirname, 'node_modules/eventemitter3/dist/eventemitter3.esm.js'),
};

const target = readTarget();

export default defineConfig({
  plugins: [
    crx({ manifest: manifestFor(target) as ManifestV3Export, browser: target }),
    watchSources(),
    withoutMarkupFromStrings(),
    refuseAsyncContentScripts(),
  ],
  // Where `#platform/…` leads. Content scripts are built without these plugins, but with this.
  resolve: { conditions: [target, ...defaultClientConditions], alias: [eventEmitterAsModule] },
  // The relay is a module, as everything else is.
  worker: { format: 'es' },
  publicDir: 'extension/public',
  build: {
    outDir: `dist/${target}`,
    emptyOutDir: true,
    target: SYNTAX[target],
    modulePreload: false,
    rolldownOptions: { input: PAGES[target] },
  },
});
