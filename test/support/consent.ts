// The fixture of tests about consent: the worker's browser with the extension, and the prompts that open during the test.
import type { ExtendedBrowser } from './browser';
import { expect, test as base } from './fixtures';
import { Prompts } from './prompt-page';

interface Consent {
  browser: ExtendedBrowser;
  prompts: Prompts;
}

export const test = base.extend<{ consent: Consent }>({
  consent: async ({ browsers }, use) => {
    const browser = await browsers.extended();
    const before = new Set(browser.context.pages());
    await use({ browser, prompts: new Prompts(browser.context) });
    const opened = browser.context.pages().filter((page) => !before.has(page));
    await Promise.all(opened.map((page) => page.close()));
  },
});

/** The events of a Peer that the user denies. */
export const DENIED_EVENTS: unknown[] = [
  expect.stringMatching(/^error .*permission-denied/),
  expect.stringMatching(/^disconnected/),
  'close',
];

export { expect } from './fixtures';
