// Runs the project's ESLint configuration on virtual files: checks which imports between rooms are allowed, which globals each room
// has, and how it may export.
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Turns off the rules that need types, because a virtual file is not part of the TypeScript project. */
const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });

const RULES = ['peerport/room-imports', 'peerport/named-exports', 'no-undef'];

/** The rules in RULES that a file with this text at this path breaks. */
async function broken(filePath: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath });
  if (!result) throw new Error(`${filePath} was not linted`);
  expect(result.fatalErrorCount).toBe(0);
  return result.messages.map((message) => message.ruleId ?? 'none').filter((rule) => RULES.includes(rule));
}

const DOOR = ['peerport/room-imports'];

describe('imports between rooms', () => {
  it.each([
    ['extension/page/x.iife.ts', '../../src/api/peer'],
    ['extension/page/x.iife.ts', '../../src/protocol/errors'],
    ['extension/content/x.ts', '../../src/channel/endpoint'],
    ['extension/bridge/x.ts', '../platform/runtime'],
    ['extension/bridge/x.ts', '#platform/bridge-host'],
    ['extension/event-page/x.ts', '../host/start-host'],
    ['extension/offscreen/x.ts', '../host/start-host'],
    ['extension/background/x.ts', '../../src/sites/grants'],
    ['extension/host/x.ts', '../../src/engine/peer'],
    ['extension/prompt/x.ts', '../../src/protocol/errors'],
    ['extension/settings/x.tsx', '../ui/button'],
    ['extension/welcome/x.ts', '../../src/api/install'],
    ['extension/welcome/x.ts', '../content/attaching-document'],
    ['src/api/x.ts', '../codec/packer'],
    ['src/engine/x.ts', '../channel/endpoint'],
    ['src/sites/x.ts', '../protocol/errors'],
    ['src/channel/deep/x.ts', '../../protocol/errors'],
    ['src/engine/x.ts', './neighbour'],
    ['extension/background/x.ts', './neighbour'],
  ])('%s may import %s', async (file, target) => {
    expect(await broken(file, `import { x } from '${target}';\nx();\n`)).toEqual([]);
  });

  it.each([
    ['extension/page/x.iife.ts', '../../src/channel/endpoint'],
    ['extension/page/x.iife.ts', '../platform/runtime'],
    ['extension/content/x.ts', '../../src/engine/peer'],
    ['extension/content/x.ts', '../background/index'],
    ['extension/bridge/x.ts', '../../src/api/peer'],
    ['extension/background/x.ts', '../../src/engine/peer'],
    ['extension/background/x.ts', '../host/start-host'],
    ['extension/page/x.iife.ts', '#platform/bridge-host'],
    ['extension/offscreen/x.ts', '../background/start-background'],
    ['extension/host/x.ts', '../../src/sites/grants'],
    ['extension/relay/x.ts', '../background/start-background'],
    ['extension/prompt/x.ts', '../../src/sites/grants'],
    ['extension/settings/x.tsx', '../../src/sites/grants'],
    ['extension/settings/x.tsx', '../background/index'],
    ['extension/ui/x.tsx', '../settings/settings-page'],
    ['extension/welcome/x.ts', '../../src/engine/peer'],
    ['extension/platform/x.ts', '../../src/protocol/errors'],
    ['src/api/x.ts', '../engine/peer'],
    ['src/engine/x.ts', '../api/peer'],
    ['src/engine/x.ts', '../sites/grants'],
    ['src/sites/x.ts', '../channel/endpoint'],
    ['src/channel/x.ts', '../codec/packer'],
    ['src/codec/x.ts', '../channel/endpoint'],
    ['src/protocol/x.ts', '../channel/endpoint'],
    ['src/engine/x.ts', '../../extension/platform/runtime'],
    ['src/engine/x.ts', '../../test/support/browser'],
    ['src/engine/x.ts', '../../package.json'],
  ])('%s may not import %s', async (file, target) => {
    expect(await broken(file, `import { x } from '${target}';\nx();\n`)).toEqual(DOOR);
  });

  it.each([
    "import type { Peer } from '../api/peer';\nexport type X = Peer;\n",
    "import '../api/peer';\n",
    "export { Peer } from '../api/peer';\n",
    "export * from '../api/peer';\n",
    "export const x = import('../api/peer');\n",
    "export type X = import('../api/peer').Peer;\n",
  ])('are shut for every form of import: %s', async (text) => {
    expect(await broken('src/engine/x.ts', text)).toEqual(DOOR);
    expect(await broken('extension/page/x.iife.ts', text.replace('../api', '../../src/api'))).toEqual([]);
  });

  it('are checked for files outside every room too', async () => {
    expect(await broken('src/x.ts', 'export const x = 1;\n')).toEqual(DOOR);
    expect(await broken('src/attic/x.ts', 'export const x = 1;\n')).toEqual(DOOR);
  });
});

describe('the packages that a room may import', () => {
  it.each([
    ['extension/platform/x.ts', 'webextension-polyfill', []],
    ['extension/background/x.ts', 'webextension-polyfill', DOOR],
    ['src/sites/x.ts', 'webextension-polyfill', DOOR],
    ['src/codec/x.ts', 'peerjs-js-binarypack', DOOR],
    ['src/engine/x.ts', 'peerjs-js-binarypack', DOOR],
    ['src/api/x.ts', 'eventemitter3', []],
    ['extension/offscreen/x.ts', 'eventemitter3', DOOR],
    ['src/engine/x.ts', 'node:fs', DOOR],
    ['src/engine/x.ts', 'peerjs', DOOR],
  ])('%s importing “%s” breaks %j', async (file, name, expected) => {
    expect(await broken(file, `import { x } from '${name}';\nx();\n`)).toEqual(expected);
  });
});

describe('the globals of a room', () => {
  it.each([
    ['extension/platform/x.ts', 'chrome.runtime.getURL("")', []],
    ['extension/background/x.ts', 'chrome.runtime.getURL("")', ['no-undef']],
    ['extension/content/x.ts', 'browser.runtime.getURL("")', ['no-undef']],
    ['src/engine/x.ts', 'chrome.runtime.getURL("")', ['no-undef']],
    ['extension/content/x.ts', 'document.title', []],
    ['extension/background/x.ts', 'document.title', ['no-undef']],
    ['extension/service-worker/x.ts', 'clients.claim()', []],
    ['extension/background/x.ts', 'clients.claim()', ['no-undef']],
    ['extension/offscreen/x.ts', 'clients.claim()', ['no-undef']],
    ['src/engine/x.ts', 'new RTCPeerConnection()', []],
    ['src/sites/x.ts', 'window.name', ['no-undef']],
    ['src/channel/x.ts', 'new MessageChannel()', []],
    ['src/engine/x.ts', 'process.exit()', ['no-undef']],
    ['src/engine/x.ts', 'origin', ['no-undef']],
  ])('%s using “%s” breaks %j', async (file, expression, expected) => {
    expect(await broken(file, `export const x: unknown = ${expression};\n`)).toEqual(expected);
  });
});

describe('exports', () => {
  it('must be named', async () => {
    expect(await broken('src/engine/x.ts', 'export const x = 1;\n')).toEqual([]);
    expect(await broken('src/engine/x.ts', 'export default 1;\n')).toEqual(['peerport/named-exports']);
    expect(await broken('src/engine/x.ts', 'const x = 1;\nexport { x as default };\n')).toEqual([
      'peerport/named-exports',
    ]);
  });

  it('of a configuration file may be default exports', async () => {
    expect(await broken('vite.config.ts', 'export default {};\n')).toEqual([]);
  });
});
