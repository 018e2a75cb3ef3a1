// Accessibility of the extension's pages: axe in light, dark and forced colours; zoom; right-to-left text; reduced motion;
// keyboard only.
import type { Page } from '@playwright/test';
import type { ExtendedBrowser } from '../support/browser';
import { expect, test as base, type PeerPage } from '../support/fixtures';
import { PanelPage } from '../support/panel-page';
import { freshOrigin, openedId, Prompts, visit, type PromptPage } from '../support/prompt-page';
import { barriers, moving, openSettings, openUserPage, type SettingsSection } from '../support/user-pages';

const SECTIONS: SettingsSection[] = ['general', 'sites', 'servers', 'log', 'data'];

/** A usual tab. WCAG 1.4.10 asks for a quarter of this width. */
const TAB = { width: 1280, height: 720 };
/** The largest popup that Chrome shows. */
const POPUP = { width: 800, height: 600 };
/** The size in which the prompt's window opens. */
const PROMPT = { width: 440, height: 470 };

interface LivePanel {
  panel: PanelPage;
  origin: string;
  id: string;
  remoteId: string;
}

interface Fixtures {
  extended: ExtendedBrowser;
  /** Opens the panel, as a tab, about a site that has a connection. */
  openLivePanel: () => Promise<LivePanel>;
  /** Opens a prompt whose buttons are enabled; `visitor` is the page that waits for the answer. */
  openPrompt: () => Promise<{ prompt: PromptPage; visitor: PeerPage }>;
}

const test = base.extend<Fixtures>({
  extended: async ({ browsers }, use) => use(await browsers.extended()),
  openLivePanel: async ({ extended, site, peerServer }, use) => {
    const pages: Page[] = [];
    await use(async () => {
      const origins = [freshOrigin(site), freshOrigin(site)];
      const ids: string[] = [];
      for (const origin of origins) {
        await extended.allow(origin);
        const { page } = await visit(extended.context, origin, peerServer);
        pages.push(page);
        const id = await page.evaluate(async (options) => (await kit.opened(kit.peer(undefined, options))).id, {
          ...peerServer.peerOptions,
        });
        ids.push(id);
      }
      const [origin, id, remoteId] = [origins[0]!, ids[0]!, ids[1]!];
      const panel = new PanelPage(await extended.openPanel(origin));
      pages.push(panel.page);
      await pages[0]!.evaluate(
        ([remoteId, options]) => kit.opened(kit.dial(kit.peer(undefined, options), remoteId)).then(() => undefined),
        [remoteId, { ...peerServer.peerOptions }] as const,
      );
      await expect(panel.page.locator('.connection').first()).toContainText('Connected');
      return { panel, origin, id, remoteId };
    });
    await Promise.all(pages.map((page) => page.close()));
  },
  openPrompt: async ({ extended, site, peerServer }, use) => {
    const visitors: PeerPage[] = [];
    await use(async () => {
      const prompts = new Prompts(extended.context);
      const visitor = await visit(extended.context, freshOrigin(site), peerServer);
      visitors.push(visitor);
      await visitor.construct(undefined);
      const prompt = await prompts.next();
      await expect(prompt.page.getByRole('button', { name: 'Block' })).toBeEnabled();
      return { prompt, visitor };
    });
    // Closing the tab that asked closes its prompt.
    await Promise.all(visitors.map(({ page }) => page.close()));
  },
});

for (const section of SECTIONS) {
  test(`the settings page is accessible: ${section}`, async ({ extended }) => {
    await extended.allow('https://a-rather-long-name-of-a-site-that-goes-on-and-on.chat.example:8443');
    const page = await openSettings(extended, section);
    if (section === 'sites') {
      const details = page.getByRole('button', { name: /^Details of/ });
      await details.first().click();
      // Without a kept ID, another setting is disabled and explains why.
      await page.getByLabel('Keep an ID', { exact: true }).selectOption('No: a new one each time');
      await expect(page.getByText('This requires a saved ID')).toBeVisible();
    }
    if (section === 'servers') await page.getByRole('button', { name: 'Add a server' }).click();
    await expect(page.locator('.group, .empty').first()).toBeVisible();
    expect(await barriers(page, TAB)).toEqual([]);
    expect(await barriers(page, { width: TAB.width / 2, height: TAB.height / 2 })).toEqual([]);
    await page.close();
  });
}

test('the welcome page is accessible', async ({ extended }) => {
  const page = await openUserPage(extended, 'welcome/index.html');
  await expect(page.getByRole('button', { name: 'Start the test' })).toBeEnabled();
  expect(await barriers(page, TAB)).toEqual([]);
  await page.close();
});

test('the prompt is accessible', async ({ openPrompt }) => {
  const { prompt } = await openPrompt();
  expect(await barriers(prompt.page, PROMPT)).toEqual([]);
});

test('the panel is accessible in a tab and as a popup', async ({ openLivePanel }) => {
  const { panel, origin } = await openLivePanel();
  const { page } = panel;
  await panel.openScope(origin);
  expect(await barriers(page, TAB)).toEqual([]);
  await page.evaluate(() => document.documentElement.classList.add('popup'));
  expect(await barriers(page, POPUP)).toEqual([]);
});

test('the chosen decision is visible in the panel in forced colours', async ({ openLivePanel }) => {
  const { panel, origin } = await openLivePanel();
  await panel.page.emulateMedia({ forcedColors: 'active' });
  const colourOf = (name: 'Allow' | 'Ask') =>
    panel.choice(origin, name).evaluate((radio) => getComputedStyle(radio.nextElementSibling!).backgroundColor);
  expect(await colourOf('Allow')).not.toBe(await colourOf('Ask'));
});

test('the settings page has no animations for users who prefer reduced motion', async ({ extended }) => {
  const page = await openSettings(extended, 'general');
  await expect(page.getByRole('switch', { name: /Hide my address/ })).toBeVisible();
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  expect(await moving(page)).not.toEqual([]);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await moving(page)).toEqual([]);
  await page.close();
});

test('the settings work with the keyboard alone, and a dialog returns the focus', async ({ extended }) => {
  const page = await openSettings(extended, 'general');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+Tab');
  for (const _link of SECTIONS) await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Your data' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Your data' })).toBeFocused();
  for (let n = 0; n < 3; n++) await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Erase everything' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Erase everything' })).toBeFocused();
  await page.close();
});

test('the panel works with the keyboard alone, from its header through a connection to the site’s permissions', async ({
  openLivePanel,
}) => {
  const { panel, origin, id, remoteId } = await openLivePanel();
  const { page } = panel;
  const close = page.getByRole('button', { name: `Close the connection to ${remoteId}` });
  const walk = [
    page.getByRole('link', { name: 'Settings' }),
    panel.choice(origin, 'Allow'),
    page.getByRole('button', { name: `Copy the ID ${id}` }),
    page.getByRole('button', { name: /^Copy the ID/ }).nth(1),
    close,
    page.getByText('Permissions'),
  ];
  await page.bringToFront();
  for (const stop of walk) {
    await page.keyboard.press('Tab');
    await expect(stop).toBeFocused();
  }
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('switch', { name: 'Data connections' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(close).toHaveCount(0);
  // The focus moves to the Peer, so that the keyboard user does not start again at the top.
  await expect(page.locator('.peer').nth(1)).toBeFocused();
});

test('the prompt works with the keyboard alone, answer by answer', async ({ openPrompt }) => {
  const { prompt, visitor } = await openPrompt();
  const { page } = prompt;
  await page.keyboard.press('Tab');
  await expect(page.getByRole('checkbox', { name: 'Keep an ID for this site' })).toBeFocused();
  for (const name of ['Always allow', 'Allow this time', 'Block']) {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('button', { name })).toBeFocused();
  }
  await page.keyboard.press('Shift+Tab');
  const closed = page.waitForEvent('close');
  await page.keyboard.press('Enter').catch((error: unknown) => {
    // The window may close before the browser confirms the key press.
    if (!page.isClosed()) throw error;
  });
  await closed;
  await openedId(await visitor.construct(undefined));
});
