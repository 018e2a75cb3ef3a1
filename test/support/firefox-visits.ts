// The fixture for tests in which the user visits sites in Firefox with the extension.
import type { ExtendedFirefox } from './firefox';
import { PeerPage, test as base } from './fixtures';

export interface FirefoxVisits {
  firefox: ExtendedFirefox;
  /** Opens the page at this origin and path in a new window. */
  visit: (origin: string, path?: string) => Promise<PeerPage>;
}

export const test = base.extend<FirefoxVisits>({
  firefox: async ({ browsers }, use) => use(await browsers.extendedFirefox()),
  visit: async ({ firefox, peerServer }, use) => {
    const visitors: PeerPage[] = [];
    await use(async (origin, path = '/blank.html') => {
      const page = await firefox.newPage();
      const visitor = new PeerPage(page, 'peerport', peerServer);
      visitors.push(visitor);
      await page.goto(origin + path);
      return visitor;
    });
    await Promise.all(visitors.map(({ page }) => page.close()));
  },
});
