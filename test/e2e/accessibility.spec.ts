// The pages for everybody: axe, light, dark and in forced colours; zoom, right-to-left, without motion; the keyboard alone.
import type { Page } from '@playwright/test';
import type { ExtendedBrowser } from '../support/browser';
import { expect, test as base, type PeerPage } from '../support/fixtures';
import { PanelPage } from '../support/panel-page';
import { freshOrigin, openedId, Prompts, visit, type PromptPage } from '../support/prompt-page';
import { barriers, moving, openSettings, openUserPage, type SettingsSection } from '../support/user-pages';

const SECTIONS: SettingsSection[] = ['general', 'sites', 'servers', 'log', 'data'];

/** As people have them: a tab; the narrowest that WCAG 1.4.10 asks for is a quarter of it. */
const TAB = { width: 1280, height: 720 };
/** Chrome's bounds for a popup, and the size in which the prompt's window opens. */
const POPUP = { width: 800, height: 600 };
const PROMPT = { width: 440, height: 470 };

interface LivePanel {
  panel: PanelPage;
  origin: string;
  id: string;
  remoteId: string;
}

interface Fixtures {
  extended: ExtendedBrowser;
  /** The panel over a site with a connection, as a tab or as the popup is. */
  openLivePanel: () => Promise<LivePanel>;
  /** A prompt that takes answers, and the page that waits for one. */
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
    // The prompt goes with the tab that asked.
    await Promise.all(visitors.map(({ page }) => page.close()));
  },
});

for (const section of SECTIONS) {
  test(`nobody is shut out of the settings: ${section}`, async ({ extended }) => {
    await extended.allow('https://a-rather-long-name-of-a-site-that-goes-on-and-on.chat.example:8443');
    const page = await openSettings(extended, section);
    if (section === 'sites') {
      const details = page.getByRole('button', { name: /^Details of/ });
      await details.first().click();
      // With this, something is disabled and says why.
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

test('nobody is shut out of the welcome page', async ({ extended }) => {
  const page = await openUserPage(extended, 'welcome/index.html');
  await expect(page.getByRole('button', { name: 'Start the test' })).toBeEnabled();
  expect(await barriers(page, TAB)).toEqual([]);
  await page.close();
});

test('nobody is shut out of the prompt', async ({ openPrompt }) => {
  const { prompt } = await openPrompt();
  expect(await barriers(prompt.page, PROMPT)).toEqual([]);
});

test('nobody is shut out of the panel, in a tab or as a popup', async ({ openLivePanel }) => {
  const { panel, origin } = await openLivePanel();
  const { page } = panel;
  await panel.openScope(origin);
  expect(await barriers(page, TAB)).toEqual([]);
  await page.evaluate(() => document.documentElement.classList.add('popup'));
  expect(await barriers(page, POPUP)).toEqual([]);
});

test('in forced colours the panel tells apart what is chosen', async ({ openLivePanel }) => {
  const { panel, origin } = await openLivePanel();
  await panel.page.emulateMedia({ forcedColors: 'active' });
  const colourOf = (name: 'Allow' | 'Ask') =>
    panel.choice(origin, name).evaluate((radio) => getComputedStyle(radio.nextElementSibling!).backgroundColor);
  expect(await colourOf('Allow')).not.toBe(await colourOf('Ask'));
});

test('what moves, moves for those alone who have nothing against it', async ({ extended }) => {
  const page = await openSettings(extended, 'general');
  await expect(page.getByRole('switch', { name: /Hide my address/ })).toBeVisible();
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  expect(await moving(page)).not.toEqual([]);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await moving(page)).toEqual([]);
  await page.close();
});

test('the keyboard is enough for the settings, and a dialog gives the focus back', async ({ extended }) => {
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

test('the keyboard is enough for the panel: from its head through a connection to what the site may use', async ({
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
  // Whoever used the keyboard goes on from there.
  await expect(page.locator('.peer').nth(1)).toBeFocused();
});

test('the keyboard is enough for the prompt, whose answers come one after another', async ({ openPrompt }) => {
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
    // The window may close before the browser has told that the key was delivered.
    if (!page.isClosed()) throw error;
  });
  await closed;
  await openedId(await visitor.construct(undefined));
});
