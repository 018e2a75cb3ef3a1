// The extension's pages for the user, opened as tabs, and checks of their accessibility.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { UiReplyTo, UiRequest } from '../../src/protocol/ui-messages';
import type { ExtendedBrowser } from './browser';

type Without<Request> = Request extends UiRequest ? Omit<Request, 'to'> : never;

/** Returns a function that sends the background a request from this page of the extension, as the user's clicks do. */
export function askFrom(page: Page) {
  return <Request extends Without<UiRequest>>(request: Request): Promise<UiReplyTo[Request['type']]> =>
    page.evaluate((message) => chrome.runtime.sendMessage<unknown, never>(message), {
      to: 'background',
      ...request,
    });
}

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

/** Those of axe's default rules whose outcome depends on colours. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** The violations that axe finds in the page, one per line. `rules`: only these. Default: axe's default rules. */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  // Legacy mode is enough for our pages, which have no frames of other origins, and saves axe an extra page per analysis.
  // The result types leave out the elements that passed a rule.
  // A page gets axe's source, half a megabyte, only once.
  const hasAxe = await page.evaluate(() => 'axe' in globalThis);
  const axe = new AxeBuilder(hasAxe ? { page, axeSource: 'undefined' } : { page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] });
  if (rules) axe.withRules(rules);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary}`),
  );
}

interface WindowSize {
  width: number;
  height: number;
}

/**
 * All accessibility barriers of the page, one per line; empty if there are none. `window`: the size in which the browser opens the
 * page. A zoom of 200 % halves it.
 */
export async function barriers(page: Page, window: WindowSize): Promise<string[]> {
  const found: string[] = [];
  const record = (where: string, what: string[]): void => void found.push(...what.map((one) => `${where}: ${one}`));
  let rules: string[] | undefined;
  for (const forcedColors of ['none', 'active'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, forcedColors, reducedMotion: 'reduce' });
      record(`${colorScheme}, forced colours ${forcedColors}`, await violations(page, rules));
      // Our style sheets change only colours between schemes, so the other rules need not run again.
      rules = COLOUR_RULES;
    }
  }
  record('reduced motion', await moving(page));
  await page.emulateMedia({ colorScheme: null, forcedColors: null, reducedMotion: null });
  const zoom = await zoomer(page);
  for (const dir of ['ltr', 'rtl']) {
    await page.evaluate((dir) => (document.documentElement.dir = dir), dir);
    for (const factor of [1, 2]) {
      await zoom.to(window, factor);
      record(`${dir} at ${factor * 100} %`, await cutOff(page));
    }
  }
  await zoom.end();
  await page.evaluate(() => document.documentElement.removeAttribute('dir'));
  return found;
}

/** Emulates the browser's zoom: fewer CSS pixels in the same window, each of them larger on the screen. */
async function zoomer(page: Page) {
  const session = await page.context().newCDPSession(page);
  return {
    async to({ width, height }: WindowSize, factor: number): Promise<void> {
      const size = { width: Math.floor(width / factor), height: Math.floor(height / factor) };
      await session.send('Emulation.setDeviceMetricsOverride', { ...size, deviceScaleFactor: factor, mobile: false });
    },
    async end(): Promise<void> {
      await session.send('Emulation.clearDeviceMetricsOverride');
      await session.detach();
    },
  };
}

/** Elements with a CSS animation or transition, one per line. */
export function moving(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter((element) =>
        [null, '::before'].some((part) => {
          const { transitionDuration, animationName } = getComputedStyle(element, part);
          return animationName !== 'none' || transitionDuration.split(', ').some((text) => parseFloat(text) > 0);
        }),
      )
      .map(({ outerHTML }) => outerHTML.slice(0, 80)),
  );
}

/** Elements that extend beyond the window's left or right edge, one per line. Decorative elements may. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.body.querySelectorAll('*')]
      .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return (
          width > 1 &&
          // Collapsed content is not laid out.
          element.checkVisibility() &&
          !element.closest('[aria-hidden=true]') &&
          (left < -1 || right > document.documentElement.clientWidth + 1)
        );
      })
      .map(({ outerHTML }) => outerHTML.slice(0, 80)),
  );
}
