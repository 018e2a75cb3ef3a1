// Fixtures of tests about the panel: sites with a Peer, connections between them, and the panel about one of them.
import type { JSHandle, Page } from '@playwright/test';
import type { DataConnection, Peer } from 'peerjs';
import type { ExtendedBrowser } from './browser';
import { test as base, uniqueId, type PeerPage } from './fixtures';
import { openWithMsgPack } from './msgpack';
import { PanelPage } from './panel-page';
import { freshOrigin, openedId, visit } from './prompt-page';

export interface Site {
  origin: string;
  page: PeerPage<Page>;
  peer: JSHandle<Peer>;
  id: string;
}

interface Fixtures {
  extended: ExtendedBrowser;
  /** Opens a page of a new, allowed origin, with a Peer. */
  openSite: () => Promise<Site>;
  openPanel: (origin: string) => Promise<PanelPage>;
  /** Opens a page of a new, allowed origin and a PeerJS page, each with a Peer that has a custom serializer. */
  openOwnSerializer: () => Promise<Site & { remote: JSHandle<Peer>; remoteId: string }>;
}

export const test = base.extend<Fixtures>({
  extended: async ({ browsers }, use) => use(await browsers.extended()),
  openSite: async ({ extended, site, peerServer }, use) => {
    const pages: Page[] = [];
    await use(async () => {
      const origin = freshOrigin(site);
      await extended.allow(origin);
      const page = await visit(extended.context, origin, peerServer);
      pages.push(page.page);
      const peer = await page.construct(undefined);
      return { origin, page, peer, id: await openedId(peer) };
    });
    await Promise.all(pages.map((page) => page.close()));
  },
  openOwnSerializer: async ({ extended, site, peerServer, openPage }, use) => {
    const pages: Page[] = [];
    await use(async () => {
      const origin = freshOrigin(site);
      await extended.allow(origin);
      const page = await visit(extended.context, origin, peerServer);
      pages.push(page.page);
      const [id, remoteId] = [uniqueId(), uniqueId('remote')];
      const peer = await openWithMsgPack(page, id, peerServer.peerOptions);
      const remote = await openWithMsgPack(await openPage('peerjs'), remoteId, peerServer.peerOptions);
      return { origin, page, peer, id, remote, remoteId };
    });
    await Promise.all(pages.map((page) => page.close()));
  },
  openPanel: async ({ extended }, use) => {
    const pages: Page[] = [];
    await use(async (origin) => {
      const page = await extended.openPanel(origin);
      pages.push(page);
      return new PanelPage(page);
    });
    await Promise.all(pages.map((page) => page.close()));
  },
});

export function dial(from: Site, to: Site, label: string): Promise<JSHandle<DataConnection>> {
  return from.peer.evaluateHandle((peer, { to, label }) => kit.opened(kit.dial(peer, to, { label })), {
    to: to.id,
    label,
  });
}

export function dialOwn(from: JSHandle<Peer>, to: string, label: string): Promise<JSHandle<DataConnection>> {
  const options = { serialization: 'MsgPack', label };
  return from.evaluateHandle((peer, { to, options }) => kit.opened(kit.dial(peer, to, options)), { to, options });
}

export { expect } from './fixtures';
