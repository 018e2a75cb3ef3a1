// The pages in which the user reads and decides, opened as tabs.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { UiReplyTo, UiRequest } from '../../src/protocol/ui-messages';
import type { ExtendedBrowser } from './browser';

type Without<Request> = Request extends UiRequest ? Omit<Request, 'to'> : never;

/** What a page of the extension asks of the background in the user's name. */
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

/** The rules of axe, among those it applies by default, whose outcome depends on colours. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** What axe finds wrong with the page, a line each; `rules`: by these alone. Default: all that axe applies by default. */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  // "Legacy" is for pages without frames of other origins, which ours are: else axe opens a page more for each analysis.
  // Where a rule finds nothing wrong, nobody needs the elements that it looked at.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
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
 * Everything that shuts somebody out of the page, a line each; empty, if the page is for everybody. `window`: as large as the
 * browser opens the page, which has half of it at a zoom of 200 %.
 */
export async function barriers(page: Page, window: WindowSize): Promise<string[]> {
  const found: string[] = [];
  const note = (where: string, what: string[]): void => void found.push(...what.map((one) => `${where}: ${one}`));
  let rules: string[] | undefined;
  for (const forcedColors of ['none', 'active'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, forcedColors, reducedMotion: 'reduce' });
      note(`${colorScheme}, forced colours ${forcedColors}`, await violations(page, rules));
      // Our style sheets change nothing but colours from one to the next.
      rules = COLOUR_RULES;
    }
  }
  note('reduced motion', await moving(page));
  await page.emulateMedia({ colorScheme: null, forcedColors: null, reducedMotion: null });
  const zoom = await zoomer(page);
  for (const dir of ['ltr', 'rtl']) {
    await page.evaluate((dir) => (document.documentElement.dir = dir), dir);
    for (const factor of [1, 2]) {
      await zoom.to(window, factor);
      note(`${dir} at ${factor * 100} %`, await cutOff(page));
    }
  }
  await zoom.end();
  await page.evaluate(() => document.documentElement.removeAttribute('dir'));
  return found;
}

/** What the browser's zoom does: fewer CSS pixels in the same window, each of more pixels of the screen. */
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

/** What moves or fades by style, a line each. */
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

/** What reaches past the window to either side, a line each; of what is there for the eye alone, its frame may cut some off. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.body.querySelectorAll('*')]
      .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return (
          width > 1 &&
          // What is folded away is not laid out.
          element.checkVisibility() &&
          !element.closest('[aria-hidden=true]') &&
          (left < -1 || right > document.documentElement.clientWidth + 1)
        );
      })
      .map(({ outerHTML }) => outerHTML.slice(0, 80)),
  );
}
