// The welcome tab, which the extension opens when it is installed, and so in each fresh profile with the unpacked extension.

/**
 * Resolves when the tab is open.
 * @param {import('playwright').BrowserContext} context
 * @returns {Promise<import('playwright').Page>}
 */
export async function welcomeTab(context) {
  const isWelcome = (/** @type {import('playwright').Page} */ page) =>
    page.url().endsWith('/extension/welcome/index.html');
  return context.pages().find(isWelcome) ?? context.waitForEvent('page', { predicate: isWelcome });
}
