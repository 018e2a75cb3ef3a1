// The tab that the extension opens when it is installed, which a fresh profile with an unpacked extension has it do.

/**
 * Resolves when it is there.
 * @param {import('playwright').BrowserContext} context
 * @returns {Promise<import('playwright').Page>}
 */
export async function welcomeTab(context) {
  const isWelcome = (/** @type {import('playwright').Page} */ page) =>
    page.url().endsWith('/extension/welcome/index.html');
  return context.pages().find(isWelcome) ?? context.waitForEvent('page', { predicate: isWelcome });
}
