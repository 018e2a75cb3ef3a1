// The memory that a hostile peer can take in the host: no more than the site's limit, and none after its connection ends.
import { DEFAULT_LIMITS } from '../../src/sites/policy/policy';
import { expect, test, uniqueId } from '../support/fixtures';
import { freshOrigin, openedId, visit } from '../support/prompt-page';

const MIB = 1024 * 1024;
const HELD_MIB = 16;
/** An allowance for garbage and for the connection itself. */
const SLACK_MIB = 8;

test('messages that a remote peer never finishes stay within the site’s memory limit, and the memory is freed', async ({
  browsers,
  site,
  peerServer,
  openPage,
}) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  await browser.setPolicy({ limits: { ...DEFAULT_LIMITS, queuedBytes: HELD_MIB * MIB } });
  const page = await visit(browser.context, origin, peerServer);
  const peer = await page.construct(undefined);
  const id = await openedId(peer);
  const before = await browser.hostMemoryBytes();
  const stranger = await (await openPage('peerjs')).open(uniqueId('stranger'));
  // The last piece of each message is missing, so no message is ever complete.
  const dialled = await stranger.evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to, { reliable: true })), id);
  const ended = dialled.evaluate((connection) => kit.happened(connection, 'close'));
  await dialled.evaluate((connection) => {
    const data = new Uint8Array(16_000);
    for (let id = 1; id <= 200; id++) {
      for (let n = 0; n < 20; n++) void connection.send({ __peerData: id, n, data, total: 21 });
    }
  });
  const over = ended.then(() => 'over');
  let most = 0;
  do most = Math.max(most, (await browser.hostMemoryBytes()) - before);
  while ((await Promise.race([over, Promise.resolve('going on')])) !== 'over');
  expect(most / MIB).toBeLessThan(HELD_MIB + SLACK_MIB);
  await expect.poll(async () => ((await browser.hostMemoryBytes()) - before) / MIB).toBeLessThan(SLACK_MIB / 2);
  expect(await peer.evaluate((peer) => peer.open)).toBe(true);
  await page.page.close();
  await browser.setPolicy({});
});
