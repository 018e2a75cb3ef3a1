// Leaves a page that has a connection, and comes back to it by the Back button, while the browser keeps the document in its
// back/forward cache.
import type { DataConnection, Peer } from 'peerjs';
import type { DrivenPage } from './driven-page';
import { connectPair, expect, type PeerPage } from './fixtures';
import { openedId } from './prompt-page';

/** What a page keeps while it is in the cache. Handles do not outlive that. */
interface Held {
  peer: Peer;
  connection: DataConnection;
}

declare const held: Held;
declare const isRestored: boolean;

/** Waits for ever if the browser has not kept the document. */
async function leaveAndComeBack(page: DrivenPage, elsewhere: string): Promise<void> {
  await page.evaluate(() => {
    Object.assign(globalThis, { isRestored: false });
    window.addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { isRestored: persisted }));
  });
  await page.goto(elsewhere);
  await page.evaluate(() => {
    setTimeout(() => {
      history.back();
    });
  });
  await page.waitForFunction(() => typeof isRestored === 'boolean' && isRestored);
}

/**
 * Connects the visitor, who is on a page that the user allows, to the remote peer; then leaves for the URL `elsewhere` and comes
 * back. Checks that the page hears of the end of its connection and its Peer, and that both can be made again.
 */
export async function expectEndAndReconnection(visitor: PeerPage, remote: PeerPage, elsewhere: string): Promise<void> {
  const { page } = visitor;
  const { dialled, dialler, ids } = await connectPair({ dialler: visitor, answerer: remote });
  await dialler.evaluate((peer, connection) => void Object.assign(globalThis, { held: { peer, connection } }), dialled);
  await leaveAndComeBack(page, elsewhere);

  await page.evaluate(() => kit.happened(held.connection, 'close'));
  await page.evaluate(() => kit.happened(held.peer, 'disconnected'));
  expect(await page.evaluate(() => kit.log(held.peer))).toEqual([
    expect.stringMatching(/^open/),
    expect.stringMatching(/^error .*network/),
    expect.stringMatching(/^disconnected/),
  ]);
  expect(await page.evaluate(() => [held.peer.open, held.connection.open])).toEqual([false, false]);
  await page.evaluate(() => {
    held.peer.reconnect();
  });
  await page.evaluate(() => kit.happened(held.peer, 'open', 2));
  expect(await page.evaluate(() => held.peer.id)).toBe(ids.dialler);
  await page.evaluate((to) => kit.opened(kit.dial(held.peer, to)).then(() => undefined), ids.answerer);
  expect(await openedId(await visitor.construct(undefined))).not.toBe(ids.dialler);
}
