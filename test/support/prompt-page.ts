// The extension's prompt windows, as a user meets them.
import { randomUUID } from 'node:crypto';
import type { BrowserContext, JSHandle, Page } from '@playwright/test';
import type { Peer } from 'peerjs';
import type { PeerSettings } from '../pages/kit/kit';
import { PeerPage } from './fixtures';
import type { TestPeerServer } from './peer-server';
import type { SiteServer } from './site-server';

const PATH = '/extension/prompt/index.html';

export class PromptPage {
  constructor(readonly page: Page) {}

  /** Presses a button as soon as it takes presses, and waits until the window has closed. */
  async answer(button: 'Always allow' | 'Allow this time' | 'Block' | 'Don’t allow'): Promise<void> {
    await this.leaveBy(() => this.page.getByRole('button', { name: button }).click());
  }

  /** Chooses whether an ID is kept for the site, as soon as the checkbox takes clicks. */
  async chooseKeepId(isKept: boolean): Promise<void> {
    await this.page.getByRole('checkbox', { name: 'Keep an ID for this site' }).setChecked(isKept);
  }

  async pressEscape(): Promise<void> {
    await this.page.getByRole('dialog').waitFor();
    await this.leaveBy(() => this.page.keyboard.press('Escape'));
  }

  private async leaveBy(action: () => Promise<void>): Promise<void> {
    const closed = this.page.waitForEvent('close');
    // The window may close before the browser has told that the press was delivered.
    await action().catch((error: unknown) => {
      if (!this.page.isClosed()) throw error;
    });
    await closed;
  }
}

/** The prompts of a browser that were opened after this was made, oldest first. */
export class Prompts {
  readonly seen: PromptPage[] = [];
  readonly #context: BrowserContext;
  #taken = 0;

  constructor(context: BrowserContext) {
    this.#context = context;
    context.on('page', (page) => {
      if (isPrompt(page)) this.seen.push(new PromptPage(page));
    });
  }

  /** The next one that nobody has taken yet. */
  async next(): Promise<PromptPage> {
    const index = this.#taken++;
    if (!this.seen[index]) await this.#context.waitForEvent('page', isPrompt);
    return this.seen[index]!;
  }
}

function isPrompt(page: Page): boolean {
  return page.url().startsWith('chrome-extension://') && new URL(page.url()).pathname === PATH;
}

/** An origin of the test site that no other test has used: on a loopback name, so its pages may use the test's servers. */
export function freshOrigin(site: SiteServer): string {
  return site.originOf(`site-${randomUUID()}.localhost`);
}

/** Makes the test site answer at an origin on the internet, as far as this browser can tell. */
export async function freshPublicOrigin(
  context: BrowserContext,
  site: SiteServer,
  scheme: 'http' | 'https' = 'http',
): Promise<string> {
  const origin = `${scheme}://site-${randomUUID()}.example`;
  await context.route(`${origin}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    // A connection of its own: one that was kept from an earlier request may be closed by the server just then.
    const headers = { ...route.request().headers(), connection: 'close' };
    await route.fulfill({ response: await route.fetch({ url: site.origin + pathname, headers }) });
  });
  return origin;
}

/** A page that the user looks at: each Peer is constructed while its tab is in front, where the user can be asked. */
export class VisitedPage extends PeerPage<Page> {
  override async construct(id: string | undefined, options: PeerSettings = {}): Promise<JSHandle<Peer>> {
    await this.page.bringToFront();
    return super.construct(id, options);
  }

  /** Constructs a Peer in a tab that may be behind another. */
  constructUnseen(id?: string): Promise<JSHandle<Peer>> {
    return super.construct(id);
  }
}

/** Has the page know when its tab comes to the front: Playwright tells all pages at all times that they have the focus. */
export async function endPlayedFocus(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
}

/** Opens a page of this origin, or at this path of it, in a tab of its own. */
export async function visit(
  context: BrowserContext,
  origin: string,
  server: TestPeerServer,
  path = '/blank.html',
): Promise<VisitedPage> {
  const page = await context.newPage();
  await page.goto(origin + path);
  return new VisitedPage(page, 'peerport', server);
}

/** The Peer's ID, once it is open. */
export function openedId(peer: JSHandle<Peer>): Promise<string> {
  return peer.evaluate(async (peer) => (await kit.opened(peer)).id);
}

/** All events of a Peer that ends, in words. */
export function eventsToTheEnd(peer: JSHandle<Peer>): Promise<string[]> {
  return peer.evaluate(async (peer) => {
    await kit.happened(peer, 'close');
    return kit.log(peer);
  });
}
