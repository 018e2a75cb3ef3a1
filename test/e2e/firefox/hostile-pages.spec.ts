// Hostile pages and the addresses of the extension's pages in Firefox. The addresses contain an ID of the installation, so a page
// that learned one could recognise the user and embed the bridge.
import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { DIST } from '../../support/firefox';
import { bridgeLifetime, MAX_HAND_OVER_MS, watchBridge } from '../../support/bridge-watch';
import { expect, PeerPage, test } from '../../support/fixtures';

const BRIDGE = 'extension/bridge/index.html';
const PAGES = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => path.endsWith('.html'));

/** Runs before the page's own scripts, and records everything that could reveal an address. */
const LISTENING = `
  globalThis.noticed = [];
  const note = (...what) => noticed.push(...what.map(String));
  addEventListener('message', ({ origin, data, source }) => note(origin, JSON.stringify(data), source === window), true);
  addEventListener('securitypolicyviolation', ({ blockedURI, sourceFile, sample }) => note(blockedURI, sourceFile, sample));
  addEventListener('error', ({ message, filename, error }) => note(message, filename, error?.stack), true);
  addEventListener('load', ({ target }) => note(target.src, target.outerHTML), true);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) note(JSON.stringify(entry));
  }).observe({ entryTypes: ['resource', 'navigation', 'mark', 'measure'] });
  new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        note(node.nodeName, node.outerHTML, node.shadowRoot?.innerHTML, node.openOrClosedShadowRoot?.innerHTML);
        for (let index = 0; index < window.length; index++) {
          try { note(window[index].location.href); } catch (error) { note(error.message); }
        }
      }
    }
  }).observe(document, { childList: true, subtree: true });
`;

for (const [kind, headers] of Object.entries<Record<string, string>>({
  'without any policy': {},
  'whose policy forbids frames': { 'content-security-policy': "frame-src 'none'; default-src 'self' 'unsafe-inline'" },
})) {
  test(`a page ${kind} does not learn the bridge’s address from its frame`, async ({ browsers, site, peerServer }) => {
    const firefox = await browsers.extendedFirefox();
    const page = await firefox.newPage();
    await page.goto(
      site.origin + site.page(`<script>${LISTENING}</script><script type="module" src="/kit.js"></script>`, headers),
    );
    const watch = await watchBridge(page);
    await new PeerPage(page, 'peerport', peerServer).open();
    // The control: the frame existed and completed the hand-over.
    expect(await bridgeLifetime(watch)).toBeLessThan(MAX_HAND_OVER_MS);
    const noticed = await page.evaluate(() => (globalThis as unknown as { noticed: string[] }).noticed);
    expect(noticed).toContain('DIV');
    const { protocol, host } = new URL(await firefox.extensionOrigin());
    expect(noticed.filter((text) => text.includes(protocol) || text.includes(host))).toEqual([]);
    await page.close();
  });
}

test('a page that knows the extension’s address reads and opens none of its pages', async ({ browsers, site }) => {
  const firefox = await browsers.extendedFirefox();
  const page = await firefox.newPage();
  await page.goto(`${site.origin}/blank.html`);
  const origin = await firefox.extensionOrigin();
  const seen = await page.evaluate(
    async (urls) => {
      const readable = (url: string): Promise<boolean> => fetch(url).then(Boolean, () => false);
      const openable = (url: string): boolean => {
        try {
          const opened = window.open(url);
          opened?.close();
          return opened !== null;
        } catch {
          return false;
        }
      };
      const seen: [url: string, isReadable: boolean, isOpenable: boolean][] = [];
      for (const url of urls) seen.push([url, await readable(url), openable(url)]);
      return seen;
    },
    PAGES.map((path) => `${origin}/${path}`),
  );
  const names = (index: 1 | 2) => seen.filter((one) => one[index]).map(([url]) => url);
  // Every page has to be able to load the bridge. Its being readable shows that the address is right.
  expect(names(1)).toEqual([`${origin}/${BRIDGE}`]);
  expect(names(2).filter((url) => url !== `${origin}/${BRIDGE}`)).toEqual([]);
  await page.close();
});
