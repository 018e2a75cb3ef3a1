// Data connections that outlive their page, where the user allows it: what the site's next page is given, what the remote
// peer sees of it, and when it ends.
import type { JSHandle, Page } from '@playwright/test';
import type { Peer } from 'peerjs';
import type { ExtendedBrowser } from '../support/browser';
import { expect, test, uniqueId, type PeerPage, type TestFixtures } from '../support/fixtures';
import { freshOrigin, openedId, visit } from '../support/prompt-page';

type OpenPage = TestFixtures['openPage'];

/** A page of a site that keeps its links. */
async function keepingPage(
  browser: ExtendedBrowser,
  origin: string,
  ...[server]: [Parameters<typeof visit>[2]]
): Promise<PeerPage<Page>> {
  await browser.allow(origin);
  await browser.setSettings(origin, { keepLinks: true });
  return visit(browser.context, origin, server);
}

/** A PeerJS page in a browser without the extension, and its Peer. */
async function remotePeer(openPage: OpenPage) {
  const id = uniqueId('remote');
  const remote = await (await openPage('peerjs')).open(id);
  return { id, remote };
}

/** The remote peer connects to `id`; both ends are open. */
function dialFrom(remote: JSHandle<Peer>, id: string) {
  return remote.evaluateHandle(
    (peer, id) => kit.opened(kit.dial(peer, id, { label: 'talk', metadata: { topic: 'news' }, reliable: true })),
    id,
  );
}

test('a connection that the remote peer began goes on in the reloaded page', async ({
  browsers,
  site,
  peerServer,
  openPage,
}) => {
  const visitor = await keepingPage(await browsers.extended(), freshOrigin(site), peerServer);
  const { remote } = await remotePeer(openPage);
  const id = await openedId(await visitor.construct(undefined));
  const dialled = await dialFrom(remote, id);

  await visitor.page.reload();
  await dialled.evaluate((connection) => void connection.send('while nobody was there'));
  const peer = await visitor.construct(undefined);
  expect(await openedId(peer)).toBe(id);
  const kept = await peer.evaluateHandle((peer) => kit.incoming(peer));
  expect(await kept.evaluate((connection) => kit.received(connection, 1))).toEqual(['"while nobody was there"']);
  const { label, metadata, connectionId } = await dialled.evaluate(({ label, metadata, connectionId }) => {
    return { label, metadata: metadata as unknown, connectionId };
  });
  expect(
    await kept.evaluate(({ label, metadata, connectionId }) => ({
      label,
      metadata: metadata as unknown,
      connectionId,
    })),
  ).toEqual({ label, metadata, connectionId });
  await kept.evaluate((connection) => void connection.send('from the reloaded page'));
  expect(await dialled.evaluate((connection) => kit.received(connection, 1))).toEqual(['"from the reloaded page"']);
  expect(await dialled.evaluate((connection) => kit.log(connection))).not.toContain('close');
  await visitor.page.close();
  await dialled.evaluate((connection) => kit.happened(connection, 'close'));
});
