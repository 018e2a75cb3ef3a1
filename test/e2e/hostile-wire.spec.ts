// Hostile input between page, host and server: values too deep for a port, malformed messages, and documents whose markup
// shadows what the content script uses. Each attack costs its sender alone.
import type { JSHandle, Page } from '@playwright/test';
import type { Peer as PeerJS } from 'peerjs';
import { MAX_START_SIZE } from '../../src/protocol/bounds';
import { MAX_NESTING } from '../../src/protocol/nesting';
import type { Tap } from '../pages/kit/tap';
import { MAX_HAND_OVER_MS } from '../support/bridge-watch';
import { expect, connectPair, test as base, uniqueId } from '../support/fixtures';
import type { TestPeerServer } from '../support/peer-server';
import { attachRaw, startOf } from '../support/raw-attachment';
import { STILL_HERE, tapAt } from '../support/tapped';

interface Visit {
  /** Opens a page of this HTML in the browser with the extension. */
  visit: (html: string) => Promise<Page>;
}

const test = base.extend<Visit>({
  visit: async ({ browsers, site }, use) => {
    const { context } = await browsers.extended();
    const pages: Page[] = [];
    await use(async (html) => {
      const page = await context.newPage();
      pages.push(page);
      await page.goto(site.origin + site.page(html));
      return page;
    });
    await Promise.all(pages.map((page) => page.close()));
  },
});

const GOOD_MESSAGES = 60;
/** A number inside 4000 nested arrays. */
const DEEP = [...new Array<number>(4000).fill(0x91), 1];

/** Records the events of each incoming connection, by its label and in order. `until` waits for `count` of them. */
function collect(peer: JSHandle<PeerJS>) {
  return peer.evaluateHandle((peer) => {
    const heard: Record<string, string[]> = {};
    const waiting = new Set<() => void>();
    peer.on('connection', (connection) => {
      const events = (heard[connection.label] = [] as string[]);
      const note = (event: string): void => {
        events.push(event);
        for (const wake of [...waiting]) wake();
      };
      connection.on('open', () => note('open'));
      connection.on('data', (data) => note(`data ${String(data)}`));
      connection.on('error', (error) => note(`error ${error.type} ${error.message}`));
      connection.on('close', () => note('close'));
    });
    const until = (label: string, count: number): Promise<string[]> =>
      new Promise((resolve) => {
        const look = (): void => {
          const events = heard[label] ?? [];
          if (events.length < count) return;
          waiting.delete(look);
          resolve(events);
        };
        waiting.add(look);
        look();
      });
    return { heard, until };
  });
}

test('a remote peer that sends a value nested 4000 deep loses that message, and no other peer loses any', async ({
  openPage,
  openBlankPage,
  peerServer,
}) => {
  const id = uniqueId('victim');
  const peer = await (await openPage('peerport')).open(id);
  const seen = await collect(peer);
  const { host, port } = peerServer;
  // Both peers share a page, so that their messages reach the host interleaved.
  const page = await openBlankPage();
  const taps = await page.evaluateHandle(
    async ([server, names, id]) => {
      const [good, evil] = await Promise.all([kit.openTap(server, names[0]), kit.openTap(server, names[1])]);
      await good.dial(id, { connectionId: 'dc_good', label: 'good' });
      await evil.dial(id, { connectionId: 'dc_evil', label: 'evil' });
      return { good, evil };
    },
    [{ host, port }, [uniqueId('good'), uniqueId('evil')], id] as const,
  );
  await seen.evaluate(async ({ until }) => {
    await Promise.all([until('good', 1), until('evil', 1)]);
  });
  await taps.evaluate(
    ({ good, evil }, { count, deep, last }) => {
      const send = (tap: Tap, bytes: number[]): void => tap.channel!.send(new Uint8Array(bytes) as never);
      for (let n = 0; n < count; n++) {
        send(good, [n]);
        if (n % 4 === 1) send(evil, deep);
      }
      send(evil, last);
    },
    { count: GOOD_MESSAGES, deep: DEEP, last: STILL_HERE },
  );
  const good = await seen.evaluate(({ until }, count) => until('good', count), 1 + GOOD_MESSAGES);
  expect(good).toEqual(['open', ...Array.from({ length: GOOD_MESSAGES }, (_, n) => `data ${n}`)]);
  const losses = GOOD_MESSAGES / 4;
  const evil = await seen.evaluate(({ until }, count) => until('evil', count), 1 + losses + 1);
  expect(evil).toEqual([
    'open',
    ...new Array<unknown>(losses).fill(
      expect.stringContaining(`error message-too-big A message of the remote peer was lost`),
    ),
    'data still here',
  ]);
});

test('an OFFER with metadata nested 4000 deep makes no connection, and the page gets an error', async ({
  openPage,
  openBlankPage,
  peerServer,
}) => {
  const id = uniqueId('victim');
  const victim = await openPage('peerport');
  const peer = await victim.open(id);
  const seen = await collect(peer);
  const tap = await tapAt(await openBlankPage(), peerServer, uniqueId('evil'));
  await tap.evaluate((tap, id) => {
    const payload = { type: 'data', connectionId: 'dc_deep', label: 'deep', serialization: 'binary', metadata: 0 };
    const sdp = { type: 'offer', sdp: 'v=0' };
    const text = JSON.stringify({ type: 'OFFER', dst: id, payload: { ...payload, sdp } });
    tap.sendText(text.replace('"metadata":0', `"metadata":${'['.repeat(4000)}${']'.repeat(4000)}`));
  }, id);
  const error = await peer.evaluate(async (peer) => {
    await kit.happened(peer, 'error');
    return kit.log(peer).at(-1);
  });
  expect(error).toContain('webrtc');
  // The same remote peer can still connect.
  await tap.evaluate((tap, id) => tap.dial(id, { label: 'honest' }), id);
  await seen.evaluate(({ until }) => until('honest', 1));
  expect(await seen.evaluate(({ heard }) => Object.keys(heard))).toEqual(['honest']);
  expect(await peer.evaluate((peer) => [peer.open, peer.destroyed])).toEqual([true, false]);
});

test('metadata nested up to the limit arrive, and deeper metadata fail the connection', async ({ openPage }) => {
  const pair = { dialler: await openPage('peerport'), answerer: await openPage('peerport') };
  const ids = { answerer: uniqueId('answerer') };
  const answerer = await pair.answerer.open(ids.answerer);
  const dialler = await pair.dialler.open();
  const arrived = answerer.evaluate(async (peer) => {
    let depth = 0;
    const connection = await kit.incoming(peer);
    for (let value: unknown = connection.metadata; Array.isArray(value); value = value[0]) depth++;
    return depth;
  });
  const dialWith = (depth: number) =>
    dialler.evaluate(
      async (peer, [to, depth]) => {
        let metadata: unknown = [];
        for (let n = 1; n < depth; n++) metadata = [metadata];
        const connection = kit.dial(peer, to, { metadata });
        await kit.opened(connection).catch(() => undefined);
        return kit.log(connection);
      },
      [ids.answerer, depth] as const,
    );
  expect(await dialWith(MAX_NESTING)).toContain('open');
  expect(await arrived).toBe(MAX_NESTING);
  for (const depth of [MAX_NESTING + 1, 5000]) {
    expect(await dialWith(depth)).toContainEqual(expect.stringContaining('negotiation-failed'));
  }
});

test('values nested up to the limit arrive, and send() throws for deeper ones', async ({ openPage }) => {
  const { dialled, accepted } = await connectPair({
    dialler: await openPage('peerport'),
    answerer: await openPage('peerport'),
  });
  const arrived = accepted.evaluate(async (connection) => {
    await kit.happened(connection, 'data', 2);
    return kit.log(connection).filter((event) => event.startsWith('error'));
  });
  const thrown = await dialled.evaluate((connection, most) => {
    const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown => {
      let value: unknown = 1;
      for (let n = 0; n < depth; n++) value = wrap(value);
      return value;
    };
    const asArray = (inner: unknown): unknown => [inner];
    const asObject = (inner: unknown): unknown => ({ inner });
    void connection.send(nested(most, asArray));
    void connection.send(nested(most, asObject));
    return [asArray, asObject].map((wrap) => kit.attempt(() => connection.send(nested(most + 1, wrap))));
  }, MAX_NESTING);
  expect(thrown).toEqual(['throws RangeError', 'throws RangeError']);
  expect(await arrived).toEqual([]);
});

test('a document that keeps sending nonsense is detached with an explanation, and can attach again', async ({
  openPage,
  peerServer,
}) => {
  const bystanders = await connectPair({ dialler: await openPage('peerport'), answerer: await openPage('peerport') });
  const hostile = await openPage('peerport');
  const raw = await attachRaw(hostile.page, startOf(peerServer));
  await raw.evaluate(({ until }) => until('peer.open'));
  await raw.evaluate(({ post }) => {
    for (let n = 0; n < 300; n++) post({ type: 'nonsense', n });
  });
  const { message } = await raw.evaluate(({ until }) => until('denied'));
  expect(message).toContain('sending invalid messages');
  await hostile.open();
  // Other pages notice nothing.
  const arrived = bystanders.accepted.evaluate((connection) => kit.received(connection, 1));
  await bystanders.dialled.evaluate((connection) => void connection.send('through'));
  expect(await arrived).toHaveLength(1);
});

test('a document has one attachment at a time', async ({ openPage, peerServer }) => {
  const hostile = await openPage('peerport');
  const first = await attachRaw(hostile.page, startOf(peerServer));
  for (let n = 0; n < 3; n++) {
    const further = await attachRaw(hostile.page, startOf(peerServer, { peerKey: 2 + n }));
    const { message } = await further.evaluate(({ until }) => until('denied'));
    expect(message).toContain('one attachment at a time');
  }
  await first.evaluate(({ until }) => until('peer.open'));
  // The same holds once it is attached.
  const late = await attachRaw(hostile.page, startOf(peerServer));
  await late.evaluate(({ until }) => until('denied'));
});

test('a document whose first message is too large wakes no service worker, and gets an explanation', async ({
  openPage,
  browsers,
  peerServer,
}) => {
  const browser = await browsers.extended();
  const { page } = await openPage('peerport');
  await browser.serviceWorkerWatchesNothing();
  await browser.killServiceWorker();
  const config = { iceServers: [{ urls: 'x'.repeat(MAX_START_SIZE) }] };
  const raw = await attachRaw(page, startOf(peerServer, { config }));
  const { message } = await raw.evaluate(({ until }) => until('denied'));
  expect(message).toContain('exceed Peerport’s limit');
  expect(await browser.isServiceWorkerRunning(browser.context.pages().at(-1)!)).toBe(false);
});

test('a message beyond its size limits is refused with an explanation', async ({ openPage, peerServer }) => {
  const hostile = await openPage('peerport');
  const first = await attachRaw(hostile.page, startOf(peerServer, { requestedId: 'x'.repeat(2000) }));
  expect((await first.evaluate(({ until }) => until('denied'))).message).toContain('`requestedId` is longer than 1024');

  const raw = await attachRaw(hostile.page, startOf(peerServer));
  await raw.evaluate(({ until }) => until('attached'));
  const { start } = startOf(peerServer, { peerKey: 2, epoch: 7, token: 'x'.repeat(2000) });
  await raw.evaluate(({ post }, start) => post(start), start);
  expect(await raw.evaluate(({ until }) => until('peer.failed'))).toMatchObject({
    peerKey: 2,
    epoch: 7,
    error: { type: 'server-error', message: expect.stringContaining('`token` is longer than 1024') as unknown },
  });
  await raw.evaluate(({ post }) => {
    // Four billion holes, which JSON would never finish writing.
    post({ type: 'peer.send', peerKey: 1, message: { type: 'OFFER', payload: new Array(2 ** 32 - 1) } });
  });
  expect(await raw.evaluate(({ until }) => until('peer.error'))).toMatchObject({
    peerKey: 1,
    error: { type: 'socket-error' },
  });
  await raw.evaluate(({ until }) => until('peer.open'));
});

test('a PeerServer message nested 4000 deep reaches the page through peer.socket, as in PeerJS', async ({
  openPage,
  openBlankPage,
  peerServer,
}) => {
  const id = uniqueId('listening');
  const page = await openPage('peerport');
  const peer = await page.open(id);
  const depth = peer.evaluate(
    (peer) =>
      new Promise<number>((resolve) => {
        peer.socket.on('message', ({ type, payload }: { type: string; payload: unknown }) => {
          if (type !== 'OFFER') return;
          let depth = 0;
          for (let value = payload; Array.isArray(value); value = value[0]) depth++;
          resolve(depth);
        });
      }),
  );
  // The host reads the page's messages in order, so once a later Peer is open it knows of the listener.
  await page.open(uniqueId());
  const tap = await tapAt(await openBlankPage(), peerServer, uniqueId('evil'));
  await tap.evaluate((tap, id) => {
    const payload = '['.repeat(4000) + ']'.repeat(4000);
    tap.sendText(`{"type":"OFFER","dst":${JSON.stringify(id)},"payload":${payload}}`);
  }, id);
  expect(await depth).toBe(4000);
});

/** HTML that watches for the bridge frame, then contains `between`, then opens a Peer. `outcome`: `open`, and the frame's lifetime. */
function pageWithPeer(peerServer: TestPeerServer, between: string): string {
  const options = JSON.stringify(peerServer.peerOptions);
  return `<body><script>
    const root = document.documentElement;
    let addedAt;
    const handedOver = new Promise((resolve) => {
      new MutationObserver((changes) => {
        for (const { addedNodes, removedNodes } of changes) {
          for (const { nodeName } of addedNodes) if (nodeName === 'DIV') addedAt = performance.now();
          for (const { nodeName } of removedNodes) if (nodeName === 'DIV') resolve(performance.now() - addedAt);
        }
      }).observe(root, { childList: true });
    });
  </script>${between}<script>
    var opened = new Promise((resolve) => new Peer('${uniqueId('clobbered')}', ${options}).on('open', () => resolve('open')));
    var outcome = Promise.all([opened, handedOver]);
  </script>`;
}

for (const [when, place] of [
  ['while the page is parsed', (markup: string) => markup],
  [
    'by a script',
    (markup: string) => `<template id="kept">${markup}</template>
      <script>{ const { body } = document; body.append(document.getElementById('kept').content) }</script>`,
  ],
] as const) {
  test(`Peer works behind markup named after every member of a document, added ${when}`, async ({
    visit,
    peerServer,
  }) => {
    const blank = await visit('<p>names</p>');
    const names = await blank.evaluate(() => {
      const names: string[] = [];
      for (const name in document) names.push(name);
      for (const name in document.createElement('iframe')) names.push(name);
      return [...new Set(names)];
    });
    expect(names).toEqual(expect.arrayContaining(['createElement', 'documentElement', 'append', 'addEventListener']));
    const markup = [...names, 'prerendering'].map((name, index) =>
      index % 2 ? `<form name="${name}"></form>` : `<img name="${name}" id="${name}">`,
    );
    const page = await visit(pageWithPeer(peerServer, place(markup.join(''))));
    const [opened, lifetime] = await page.evaluate<[string, number]>('outcome');
    expect(opened).toBe('open');
    expect(lifetime).toBeLessThan(MAX_HAND_OVER_MS);
    // The control: in the page itself, the markup shadows the document's members.
    expect(await page.evaluate('typeof document.createElement')).toBe('object');
  });
}

for (const [kind, replace] of [
  ['is gone', () => document.documentElement.remove()],
  [
    'is a form',
    () => {
      const form = document.createElement('form');
      form.innerHTML = '<input name="append">';
      document.documentElement.replaceWith(form);
    },
  ],
] as const) {
  test(`a Peer opens in a document whose root element ${kind}`, async ({ visit, peerServer }) => {
    const page = await visit('<p>soon without a root</p>');
    await page.evaluate(replace);
    const opening = page.evaluate(
      ([id, options]) =>
        new Promise((resolve) => {
          new Peer(id, options as never).on('open', resolve);
        }),
      [uniqueId('rootless'), peerServer.peerOptions] as const,
    );
    expect(await opening).toContain('rootless');
  });
}
