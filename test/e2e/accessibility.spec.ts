// The pages for everybody: axe, the keyboard alone, large type, right-to-left, dark.
import { expect, test } from '../support/fixtures';
import { freshOrigin, Prompts, visit } from '../support/prompt-page';
import { openSettings, openUserPage, overflow, violations, type SettingsSection } from '../support/user-pages';

const SECTIONS: SettingsSection[] = ['general', 'sites', 'servers', 'log', 'data'];

test('axe finds nothing wrong with the settings, light, dark, narrow and right to left', async ({ browsers }) => {
  const browser = await browsers.extended();
  await browser.allow('https://a-rather-long-name-of-a-site-that-goes-on-and-on.chat.example:8443');
  for (const section of SECTIONS) {
    const page = await openSettings(browser, section);
    if (section === 'sites')
      await page
        .getByRole('button', { name: /^Details of/ })
        .first()
        .click();
    if (section === 'servers') await page.getByRole('button', { name: 'Add a server' }).click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await violations(page)).toEqual([]);
    }
    // A window of 1280 at 200 %, and the narrowest that WCAG 1.4.10 asks for.
    for (const width of [640, 320]) {
      await page.setViewportSize({ width, height: 700 });
      for (const dir of ['ltr', 'rtl']) {
        await page.evaluate((dir) => (document.documentElement.dir = dir), dir);
        expect({ section, width, dir, overflow: await overflow(page) }).toEqual({ section, width, dir, overflow: 0 });
      }
    }
    await page.close();
  }
});

test('axe finds nothing wrong with welcome page and prompt', async ({ browsers, site, peerServer }) => {
  const browser = await browsers.extended();
  const prompts = new Prompts(browser.context);
  const visitor = await visit(browser.context, freshOrigin(site), peerServer);
  await visitor.construct(undefined);
  const prompt = await prompts.next();
  await expect(prompt.page.getByRole('button', { name: 'Block' })).toBeEnabled();
  const welcome = await openUserPage(browser, 'welcome/index.html');
  for (const page of [prompt.page, welcome]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await violations(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await overflow(page)).toBe(0);
  }
  await prompt.pressEscape();
  await Promise.all([welcome.close(), visitor.page.close()]);
});

test('the keyboard is enough, and a dialog gives the focus back', async ({ browsers }) => {
  const browser = await browsers.extended();
  const page = await openSettings(browser, 'general');
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
