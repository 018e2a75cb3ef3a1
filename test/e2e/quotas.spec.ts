// The limits that the user sets for one site in all its tabs together, and the errors that its pages get beyond them.
import type { JSHandle } from '@playwright/test';
import type { DataConnection, MediaConnection, Peer } from 'peerjs';
import { DEFAULT_LIMITS } from '../../src/sites/policy/policy';
import type { Limits } from '../../src/protocol/ui-messages';
import { expect, test as base, uniqueId, type PeerPage } from '../support/fixtures';
import { freshOrigin, openedId, visit } from '../support/prompt-page';

interface Fixtures {
  /** Sets these limits until the test ends. */
  setLimits: (limits: Partial<Limits>) => Promise<void>;
  /** Opens a page of an allowed site. `origin`: of this site. Default: a new one. */
  openSite: (origin?: string) => Promise<{ origin: string; page: PeerPage }>;
}

const test = base.extend<Fixtures>({
  setLimits: async ({ browsers }, use) => {
    const browser = await browsers.extended();
    await use((limits) => browser.setPolicy({ limits: { ...DEFAULT_LIMITS, ...limits } }));
    await browser.setPolicy({});
  },
  openSite: async ({ browsers, site, peerServer }, use) => {
    const browser = await browsers.extended();
    const pages: PeerPage[] = [];
    await use(async (origin = freshOrigin(site)) => {
      await browser.allow(origin);
      const page = await visit(browser.context, origin, peerServer);
      pages.push(page);
      return { origin, page };
    });
    await Promise.all(pages.map(({ page }) => page.close()));
  },
});

/** The first error of a Peer or connection, as `type: message`. */
function firstError(subject: JSHandle<Peer | DataConnection | MediaConnection>): Promise<string> {
  return subject.evaluate(async (subject) => {
    const seen = kit.watch(subject);
    await seen.until(() => seen.count('error') > 0);
    const { type, message } = seen.occurrences.find(({ event }) => event === 'error')!.argument as Error & {
      type: string;
    };
    return `${type}: ${message}`;
  });
}

function dial(from: JSHandle<Peer>, to: string): Promise<JSHandle<DataConnection>> {
  return from.evaluateHandle((peer, to) => kit.dial(peer, to), to);
}

async function isOpened(connection: JSHandle<DataConnection>): Promise<boolean> {
  return (await connection.evaluateHandle((connection) => kit.opened(connection))).evaluate(({ open }) => open);
}

test('a site’s limit of Peers holds for all its tabs together', async ({ setLimits, openSite }) => {
  await setLimits({ peers: 2 });
  const first = await openSite();
  const second = await openSite(first.origin);
  await openedId(await first.page.construct(undefined));
  const toEnd = await second.page.construct(undefined);
  await openedId(toEnd);
  for (const { page } of [first, second]) {
    const refused = await page.construct(undefined);
    expect(await firstError(refused)).toMatch(/^limit-reached: This site already has 2 Peers in all its tabs/);
    expect(await refused.evaluate((peer) => [peer.open, peer.destroyed])).toEqual([false, true]);
  }
  const elsewhere = await openSite();
  await openedId(await elsewhere.page.construct(undefined));
  // A Peer that ends makes room.
  await toEnd.evaluate((peer) => peer.destroy());
  await openedId(await first.page.construct(undefined));
});

// The messages of two tabs reach the host through different ports, in any order.
test('a Peer at the limit waits for a Peer in another tab to end', async ({ setLimits, openSite }) => {
  await setLimits({ peers: 1 });
  const first = await openSite();
  const second = await openSite(first.origin);
  let last = await first.page.construct(undefined);
  await openedId(last);
  for (const { page } of Array.from({ length: 10 }, () => [second, first]).flat()) {
    const next = await page.construct(undefined);
    await last.evaluate((peer) => peer.destroy());
    await openedId(next);
    last = next;
  }
  // Both at once: neither tab waits for the other.
  for (const { page } of Array.from({ length: 10 }, () => [second, first]).flat()) {
    const former = last;
    const [next] = await Promise.all([page.construct(undefined), former.evaluate((peer) => peer.destroy())]);
    await openedId(next);
    last = next;
  }
});

test('the first Peer of a page at the limit waits for a closing page to free its place', async ({
  setLimits,
  openSite,
}) => {
  await setLimits({ peers: 1 });
  let last = await openSite();
  await openedId(await last.page.construct(undefined));
  for (let n = 0; n < 5; n++) {
    const next = await openSite(last.origin);
    const [peer] = await Promise.all([next.page.construct(undefined), last.page.page.close()]);
    await openedId(peer);
    last = next;
  }
});

test('a connection at the limit waits for a connection in another tab to end', async ({
  setLimits,
  openSite,
  openPage,
}) => {
  await setLimits({ connections: 1 });
  const first = await openSite();
  const second = await openSite(first.origin);
  const peers = [await first.page.construct(undefined), await second.page.construct(undefined)];
  await Promise.all(peers.map(openedId));
  const strangerId = await openedId(await (await openPage('peerjs')).open(uniqueId('stranger')));
  let last = await dial(peers[0]!, strangerId);
  expect(await isOpened(last)).toBe(true);
  for (let n = 1; n <= 10; n++) {
    const next = await dial(peers[n % 2]!, strangerId);
    await last.evaluate((connection) => connection.close());
    expect(await isOpened(next)).toBe(true);
    last = next;
  }
});

test('a site’s limit of connections holds for calls and data, incoming and outgoing, in all its tabs together', async ({
  setLimits,
  openSite,
  openPage,
}) => {
  await setLimits({ connections: 2 });
  const first = await openSite();
  const second = await openSite(first.origin);
  const [one, two] = [await first.page.construct(undefined), await second.page.construct(undefined)];
  await Promise.all([openedId(one), openedId(two)]);
  const stranger = await (await openPage('peerjs')).open(uniqueId('stranger'));
  const strangerId = await openedId(stranger);
  const dialled = await dial(one, strangerId);
  expect(await isOpened(dialled)).toBe(true);
  // The second connection is an incoming one in another tab of the site.
  const accepted = two.evaluateHandle((peer) => kit.incoming(peer));
  expect(await isOpened(await dial(stranger, await openedId(two)))).toBe(true);
  await accepted;

  const offered = await one.evaluateHandle((peer) => ({
    arrives: new Promise<void>((resolve) => {
      peer.socket.on('message', ({ type }: { type: string }) => {
        if (type === 'OFFER') resolve();
      });
    }),
  }));
  const words = /^limit-reached: This site already has 2 connections in all its tabs/;
  const refusal = async (peer: JSHandle<Peer>) => firstError(await dial(peer, strangerId));
  expect(await refusal(one)).toMatch(words);
  expect(await refusal(two)).toMatch(words);
  const call = await one.evaluateHandle(
    async (peer, to) => kit.call(peer, to, await kit.media({ tone: 400 })),
    strangerId,
  );
  expect(await firstError(call)).toMatch(words);
  // Incoming connections are refused too. The host reads the offer before the page does, so its next answer comes after that.
  await dial(stranger, await openedId(one));
  await offered.evaluate(({ arrives }) => arrives);
  expect(await refusal(one)).toMatch(words);
  expect(await one.evaluate((peer) => kit.watch(peer).count('connection'))).toBe(0);

  // A connection that ends makes room, and the Peers stayed open.
  await dialled.evaluate((connection) => connection.close());
  expect(await isOpened(await dial(two, strangerId))).toBe(true);
});

test('a connection ends when its incomplete messages exceed the site’s memory limit', async ({
  setLimits,
  openSite,
  openPage,
}) => {
  const MIB = 1024 * 1024;
  await setLimits({ queuedBytes: MIB });
  const { page } = await openSite();
  const peer = await page.construct(undefined);
  const stranger = await (await openPage('peerjs')).open(uniqueId('stranger'));
  const incoming = peer.evaluateHandle((peer) => kit.incoming(peer));
  const dialled = await stranger.evaluateHandle(
    (peer, to) => kit.opened(kit.dial(peer, to, { reliable: true })),
    await openedId(peer),
  );
  const accepted = await incoming;
  // First a lot of data in complete messages, which the host need not keep.
  const send = (count: number, bytes: number): Promise<void> =>
    dialled.evaluate(
      (connection, [count, bytes]) => {
        for (let n = 0; n < count; n++) void connection.send(new Uint8Array(bytes));
      },
      [count, bytes] as const,
    );
  await send(8, MIB / 2);
  await accepted.evaluate((connection) => kit.happened(connection, 'data', 8));
  await send(1, 4 * MIB);
  expect(await firstError(accepted)).toMatch(
    /^limit-reached: More than 1048576 bytes of this site's connections wait in the browser/,
  );
  await accepted.evaluate((connection) => kit.happened(connection, 'close'));
  await dialled.evaluate((connection) => kit.happened(connection, 'close'));
  expect(await peer.evaluate((peer) => peer.open)).toBe(true);
});
