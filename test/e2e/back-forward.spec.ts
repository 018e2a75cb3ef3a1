// Pages that the Back button restores from the browser's back/forward cache. Playwright turns the cache off in the other tests.
import { expectEndAndReconnection } from '../support/back-forward';
import { launchExtendedBrowser } from '../support/browser';
import { test } from '../support/fixtures';
import { freshOrigin, visit } from '../support/prompt-page';

test('a page restored by the Back button is told that its connection ended, and connects again', async ({
  openPage,
  site,
  peerServer,
}) => {
  const browser = await launchExtendedBrowser(undefined, {
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const [visitor, remote] = [await visit(browser.context, origin, peerServer), await openPage('peerjs')];
  await expectEndAndReconnection(visitor, remote, `${freshOrigin(site)}/blank.html`);
  await browser.context.close();
});
