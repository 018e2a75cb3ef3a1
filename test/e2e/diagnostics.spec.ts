// The diagnostics that the user copies for a bug report: what they say, and what they must not say.
import type { Page } from '@playwright/test';
import { launchExtendedBrowser, type ExtendedBrowser } from '../support/browser';
import { expect, test as base, uniqueId } from '../support/fixtures';
import { freshOrigin, visit } from '../support/prompt-page';
import { openSettings } from '../support/user-pages';

const test = base.extend<{ extended: ExtendedBrowser }>({
  extended: async ({}, use) => {
    const browser = await launchExtendedBrowser();
    await use(browser);
    await browser.context.close();
  },
});

const PAYLOAD = 'a-secret-payload';
const LABEL = 'a-secret-label';
const METADATA = 'a-secret-metadata';

async function copyDiagnostics(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Copy diagnostics' }).press('Enter');
  await expect(page.getByText('Copied. You can paste it into your report.')).toBeVisible();
  return page.evaluate(() => navigator.clipboard.readText());
}

test('the copied diagnostics tell what both contexts did, and name no site, peer, payload or address', async ({
  extended,
  site,
  peerServer,
}) => {
  const origin = freshOrigin(site);
  await extended.allow(origin);
  const [dialler, answerer] = await Promise.all([1, 2].map(() => visit(extended.context, origin, peerServer)));
  const ids = { dialler: uniqueId('dialler'), answerer: uniqueId('answerer'), nobody: uniqueId('nobody') };
  const answering = await answerer!.open(ids.answerer);
  const dialling = await dialler!.open(ids.dialler);
  const incoming = answering.evaluateHandle((peer) => kit.incoming(peer));
  const dialled = await dialling.evaluateHandle(
    (peer, { to, label, metadata }) => {
      return kit.opened(kit.dial(peer, to, { label, metadata }));
    },
    { to: ids.answerer, label: LABEL, metadata: METADATA },
  );
  const received = (await incoming).evaluate((connection) => kit.happened(connection, 'data'));
  await dialled.evaluate((connection, payload) => void connection.send(payload), PAYLOAD);
  await received;
  // Nobody has this ID, so the connection fails.
  await dialling.evaluate((peer, to) => {
    kit.dial(peer, to);
    return kit.happened(peer, 'error');
  }, ids.nobody);
  await answering.evaluate((peer) => peer.destroy());
  await dialled.evaluate((connection) => kit.happened(connection, 'close'));

  await extended.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const settings = await openSettings(extended, 'log');
  const text = await copyDiagnostics(settings);

  for (const entry of [
    'background: started',
    'host-life: opened',
    'admission: admitted site 1',
    'host: started',
    'documents: attached site 1',
    'signalling: registered site 1',
    'connections: established site 1 kind=data',
    'connections: failed site 1 kind=data',
    'type=peer-unavailable',
    'connections: ended site 1 kind=data',
    'peers: ended site 1',
  ]) {
    expect(text).toContain(entry);
  }
  expect(text).toMatch(/^Host: 2 documents, 1 Peers, \d connections, \d+ bytes queued$/m);
  const { hostname, port } = new URL(origin);
  for (const secret of [hostname, `:${port}`, 'localhost', ...Object.values(ids), PAYLOAD, LABEL, METADATA]) {
    expect(text).not.toContain(secret);
  }
  // The only dotted numbers are versions in the first two lines.
  const [version = '', userAgent = '', ...lines] = text.split('\n');
  expect(version).toMatch(/^Peerport \d/);
  expect(userAgent).toContain('Chrome/');
  expect(lines.join('\n')).not.toMatch(/\d+\.\d+\.\d+\.\d+|\b[0-9a-f]{0,4}::|\.local\b/);
});

test('the diagnostics can be read before they are copied, by keyboard', async ({ extended }) => {
  await extended.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const settings = await openSettings(extended, 'log');
  await settings.getByText('Read the text before you copy it').press('Enter');
  const preview = settings.getByRole('region', { name: 'Diagnostics' });
  await expect(preview).toContainText('background: started');
  expect(await copyDiagnostics(settings)).toBe(await preview.textContent());
});

test('the diagnostics say that no host runs, and that a host has vanished', async ({ extended, site, peerServer }) => {
  const origin = freshOrigin(site);
  await extended.allow(origin);
  await extended.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const settings = await openSettings(extended, 'log');
  expect(await copyDiagnostics(settings)).toContain('Host: not running, which is usual while no site needs it.');

  const visitor = await visit(extended.context, origin, peerServer);
  await visitor.open();
  await settings.bringToFront();
  expect(await copyDiagnostics(settings)).toMatch(/^Host: 1 documents, 1 Peers, 0 connections/m);
  // As if the browser had ended it: the background did not close it.
  await extended.context.serviceWorkers()[0]!.evaluate(() => chrome.offscreen.closeDocument());
  const text = await copyDiagnostics(settings);
  expect(text).toContain('Host: not running');
  expect(text).toContain('warn host-life: vanished');
});
