// What the user decides about a site, and what the page notices of the decision.
import type { JSHandle } from '@playwright/test';
import type { Peer as PeerType } from 'peerjs';
import { launchExtendedBrowser } from '../support/browser';
import { DENIED_EVENTS, expect, test } from '../support/consent';
import { eventsToTheEnd, freshOrigin, freshPublicOrigin, openedId, Prompts, visit } from '../support/prompt-page';

test('“Always allow” lets the site connect now and after a reload', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Always allow');
  await openedId(peer);
  await visitor.page.reload();
  await openedId(await visitor.construct(undefined));
  expect(prompts.seen).toHaveLength(1);
  expect(await browser.grantOf(origin)).toMatchObject({ decision: 'allow' });
});

test('“Allow this time” lasts until the tab leaves the origin', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Allow this time');
  await openedId(peer);
  await visitor.page.reload();
  await openedId(await visitor.construct(undefined));
  expect(prompts.seen).toHaveLength(1);

  await visitor.page.goto(`${freshOrigin(site)}/blank.html`);
  await visitor.page.goto(`${origin}/blank.html`);
  await visitor.construct(undefined);
  await (await prompts.next()).pressEscape();
  expect(await browser.grantOf(origin)).toBeUndefined();
});

test('“Allow this time” holds in no other tab', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const peer = await (await visit(browser.context, origin, peerServer)).construct(undefined);
  await (await prompts.next()).answer('Allow this time');
  await openedId(peer);
  await (await visit(browser.context, origin, peerServer)).construct(undefined);
  await (await prompts.next()).pressEscape();
});

test('“Block” ends this Peer, and ends the next one without another prompt', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Block');
  expect(await eventsToTheEnd(peer)).toEqual(DENIED_EVENTS);
  expect(await eventsToTheEnd(await visitor.construct(undefined))).toEqual(DENIED_EVENTS);
  expect(prompts.seen).toHaveLength(1);
  expect(await browser.grantOf(origin)).toMatchObject({ decision: 'block' });
});

test('a denial tells the page’s developer what happened and what to do', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const peer = await (await visit(browser.context, origin, peerServer)).construct(undefined);
  const error = peer.evaluate(
    (peer) =>
      new Promise<[string, string, string]>((resolve) =>
        peer.on('error', (error) => resolve([error.type as string, error.message, error.constructor.name])),
      ),
  );
  await (await prompts.next()).pressEscape();
  const [type, message] = await error;
  expect(type).toBe('permission-denied');
  expect(message).toContain(origin);
  expect(message).toContain('construct another Peer');
  expect(await eventsToTheEnd(peer)).toEqual(DENIED_EVENTS);
});

test('closing the prompt denies once, and the site may ask again', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  const denied = await visitor.construct(undefined);
  await (await prompts.next()).page.close();
  expect(await eventsToTheEnd(denied)).toEqual(DENIED_EVENTS);
  expect(await browser.grantOf(origin)).toBeUndefined();
  const allowed = await visitor.construct(undefined);
  await (await prompts.next()).answer('Allow this time');
  await openedId(allowed);
});

test('many Peers in many tabs share one prompt', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitors = await Promise.all([1, 2, 3].map(() => visit(browser.context, origin, peerServer)));
  const peers: JSHandle<PeerType>[] = [];
  for (const visitor of visitors) for (let n = 0; n < 4; n++) peers.push(await visitor.construct(undefined));
  await (await prompts.next()).answer('Always allow');
  const ids = await Promise.all(peers.map(openedId));
  expect(new Set(ids).size).toBe(12);
  expect(prompts.seen).toHaveLength(1);
});

test('the prompt closes when the tab that asked is closed or leaves the site', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  for (const leave of ['close', 'navigate'] as const) {
    const visitor = await visit(browser.context, freshOrigin(site), peerServer);
    await visitor.construct(undefined);
    const { page } = await prompts.next();
    const closed = page.isClosed() ? undefined : page.waitForEvent('close');
    if (leave === 'close') await visitor.page.close();
    else await visitor.page.goto(`${freshOrigin(site)}/blank.html`);
    await closed;
  }
});

test('decisions survive the end of the service worker', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const visitor = await visit(browser.context, freshOrigin(site), peerServer);
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Allow this time');
  await openedId(peer);
  await browser.killServiceWorker();
  await visitor.page.reload();
  await openedId(await visitor.construct(undefined));
  expect(prompts.seen).toHaveLength(1);
});

test('a service worker that ends during a prompt loses neither the prompt nor the answer', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const visitor = await visit(browser.context, freshOrigin(site), peerServer);
  const peer = await visitor.construct(undefined);
  const prompt = await prompts.next();
  await prompt.page.getByRole('dialog').waitFor();
  await browser.killServiceWorker();
  await prompt.answer('Always allow');
  await openedId(peer);
  expect(prompts.seen).toHaveLength(1);
});

test('an allowed site is asked about again for a PeerServer in the local network, which the prompt names', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const origin = await freshPublicOrigin(browser.context, site);
  await browser.allow(origin);
  const visitor = await visit(browser.context, origin, peerServer);
  const peer = await visitor.construct(undefined);
  const prompt = await prompts.next();
  const label = `127.0.0.1:${peerServer.port}`;
  await expect(prompt.page.getByRole('dialog')).toContainText(label);
  await expect(prompt.page.getByRole('dialog')).toContainText('local network');
  // In a small window, the warning and the answers are in view.
  await prompt.page.setViewportSize({ width: 480, height: 560 });
  for (const answer of ['Always allow', 'Allow this time', 'Block']) {
    await expect(prompt.page.getByRole('button', { name: answer })).toBeInViewport({ ratio: 1 });
  }
  const [warning, answers] = await Promise.all(
    ['#private-server', '.answers'].map((selector) => prompt.page.locator(selector).boundingBox()),
  );
  expect(warning!.y + warning!.height).toBeLessThanOrEqual(answers!.y);
  await prompt.answer('Always allow');
  await openedId(peer);
  expect(await browser.grantOf(origin)).toMatchObject({ decision: 'allow', servers: [`ws://${label}`] });
  await openedId(await visitor.construct(undefined));
  expect(prompts.seen).toHaveLength(1);
});

test('decisions survive a restart of the browser', async ({ site, peerServer }, testInfo) => {
  const profile = testInfo.outputPath('profile');
  const [allowed, blocked] = [freshOrigin(site), freshOrigin(site)];
  for (const run of ['decide', 'restart'] as const) {
    const browser = await launchExtendedBrowser(profile);
    const prompts = new Prompts(browser.context);
    const peerOfAllowed = await (await visit(browser.context, allowed, peerServer)).construct(undefined);
    if (run === 'decide') await (await prompts.next()).answer('Always allow');
    const peerOfBlocked = await (await visit(browser.context, blocked, peerServer)).construct(undefined);
    if (run === 'decide') await (await prompts.next()).answer('Block');
    await openedId(peerOfAllowed);
    expect(await eventsToTheEnd(peerOfBlocked)).toEqual(DENIED_EVENTS);
    expect(prompts.seen).toHaveLength(run === 'decide' ? 2 : 0);
    await browser.context.close();
  }
});
