// The prompt's buttons, checkbox and keys: no click or key that was meant for another window answers it.
import { expect, test } from '../support/consent';
import { eventsToTheEnd, freshOrigin, visit } from '../support/prompt-page';

test('the checkbox ignores clicks just after its window gets the focus', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  await (await visit(browser.context, freshOrigin(site), peerServer)).construct(undefined);
  const prompt = await prompts.next();
  const keepsId = prompt.page.getByRole('checkbox', { name: 'Keep an ID for this site' });
  await expect(keepsId).toBeEnabled();
  await keepsId.evaluate((box: HTMLInputElement) => {
    window.dispatchEvent(new Event('focus'));
    box.click();
    box.labels![0]!.click();
  });
  await expect(keepsId).toBeEnabled();
  await expect(keepsId).toBeChecked();
  await prompt.page.getByText('Keep an ID for this site').click();
  await expect(keepsId).not.toBeChecked();
  await prompt.pressEscape();
});

test('the buttons ignore clicks just after their window gets the focus', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  await (await visit(browser.context, origin, peerServer)).construct(undefined);
  const prompt = await prompts.next();
  const always = prompt.page.getByRole('button', { name: 'Always allow' });
  await always.waitFor();
  await always.evaluate((button: HTMLButtonElement) => {
    window.dispatchEvent(new Event('focus'));
    button.click();
  });
  await expect(always).toBeEnabled();
  expect(await browser.grantOf(origin)).toBeUndefined();
  await prompt.pressEscape();
});

test('no key answers the prompt before the user moves to a button; then the keyboard is enough', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const peer = await (await visit(browser.context, origin, peerServer)).construct(undefined);
  const { page } = await prompts.next();
  const keepsId = page.getByRole('checkbox', { name: 'Keep an ID for this site' });
  await expect(page.getByRole('button', { name: 'Always allow' })).toBeEnabled();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Space');
  await expect(keepsId).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(keepsId).toBeFocused();
  await page.keyboard.press('Space');
  await expect(keepsId).not.toBeChecked();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Always allow' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Allow this time' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Block' })).toBeFocused();
  const closed = page.waitForEvent('close');
  await page.keyboard.press('Enter').catch(() => undefined);
  await closed;
  await eventsToTheEnd(peer);
  expect(await browser.grantOf(origin)).toMatchObject({ decision: 'block' });
});
