// Tests in which the user visits sites with the extension in Firefox, and is asked about each.
import type { ExtendedFirefox } from './firefox';
import { PeerPage, test as base } from './fixtures';

export interface FirefoxVisits {
  firefox: ExtendedFirefox;
  /** Opens a page of this origin, or at this path of it, in a window of its own. */
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
