// The pages in which the user reads and decides, opened as tabs.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { ExtendedBrowser } from './browser';

export type SettingsSection = 'general' | 'sites' | 'servers' | 'log' | 'data';

export async function openSettings(browser: ExtendedBrowser, section: SettingsSection): Promise<Page> {
  return openUserPage(browser, `settings/index.html#${section}`);
}

export async function openUserPage(browser: ExtendedBrowser, path: string): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(`chrome-extension://${browser.extensionId}/extension/${path}`);
  await page.getByRole('main').waitFor();
  return page;
}

/** What axe finds wrong with the page, a line each. */
export async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** How far the page's content reaches past its window sideways, CSS pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
