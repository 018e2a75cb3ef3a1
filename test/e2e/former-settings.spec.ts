// Settings that the last build with former names has stored. Unit tests of `migration.ts` cover every name and every way in.
import { readFile } from 'node:fs/promises';
import { launchExtendedBrowser } from '../support/browser';
import { expect, test } from '../support/fixtures';
import { openSettings } from '../support/user-pages';

test('settings that an earlier version stored under former names are in effect after the update', async () => {
  const samples = new URL('../support/samples/version-1.json', import.meta.url);
  const { stored } = JSON.parse(await readFile(samples, 'utf8')) as { stored: Record<string, unknown> };
  const browser = await launchExtendedBrowser();
  // The stopped background has read nothing that it could remember when it starts again.
  await browser.killServiceWorker();
  await browser.replaceStored(stored);

  const general = await openSettings(browser, 'general');
  await expect(general.getByRole('switch', { name: 'Keep data connections across reloads' })).toBeChecked();
  await expect(general.getByLabel('Queued data, in MiB')).toHaveValue('64');
  await expect(general.getByLabel('Peers at once')).toHaveValue('8');
  const sites = await openSettings(browser, 'sites');
  await sites.getByRole('button', { name: 'Details of https://chat.example' }).click();
  await expect(sites.getByLabel('Keep connections across reloads')).toHaveValue('no');
  await expect(sites.getByLabel('Call routing')).toHaveValue('direct');
  await sites.getByRole('button', { name: 'Details of https://play.example' }).click();
  await expect(sites.getByLabel('Keep connections across reloads')).toHaveValue('yes');
  await expect(sites.getByLabel('Hide my address')).toHaveValue('yes');
  expect(await browser.stored()).toMatchObject({ policy: { keepConnections: true } });
  await browser.context.close();
});
