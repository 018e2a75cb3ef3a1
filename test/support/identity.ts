// What tests of IDs look at: the databases of a site, and the token with which a Peer registers.
import type { Page } from '@playwright/test';

/** Returns the names of the IndexedDB databases of the page's origin. */
export function databasesOf(page: Page): Promise<(string | undefined)[]> {
  return page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
}

/** The token in the latest request for this ID. */
export function tokenOf(socketUrls: readonly string[], id: string): string | null {
  const urls = socketUrls.map((url) => new URL(url, 'ws://server').searchParams);
  return (
    urls
      .filter((parameters) => parameters.get('id') === id)
      .at(-1)
      ?.get('token') ?? null
  );
}
