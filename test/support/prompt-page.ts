// The extension's prompt windows as a user sees them, and helpers for pages that make Peers.
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

  /** Presses a button once it is enabled; resolves when the window has closed. */
  async answer(button: 'Always allow' | 'Allow this time' | 'Block' | 'Don’t allow'): Promise<void> {
    await this.leaveBy(() => this.page.getByRole('button', { name: button }).click());
  }

  /** Sets the checkbox about keeping an ID once it is enabled. */
  async chooseKeepId(isKept: boolean): Promise<void> {
    await this.page.getByRole('checkbox', { name: 'Keep an ID for this site' }).setChecked(isKept);
  }

  async pressEscape(): Promise<void> {
    await this.page.getByRole('dialog').waitFor();
    await this.leaveBy(() => this.page.keyboard.press('Escape'));
  }

  private async leaveBy(action: () => Promise<void>): Promise<void> {
    const closed = this.page.waitForEvent('close');
    // The window may close before the browser confirms the press.
    await action().catch((error: unknown) => {
      if (!this.page.isClosed()) throw error;
    });
    await closed;
  }
}

/** The prompts that a browser opens after this is constructed, oldest first. */
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

  /** Resolves with the next prompt that no call has taken yet. */
  async next(): Promise<PromptPage> {
    const index = this.#taken++;
    if (!this.seen[index]) await this.#context.waitForEvent('page', isPrompt);
    return this.seen[index]!;
  }
}

function isPrompt(page: Page): boolean {
  return page.url().startsWith('chrome-extension://') && new URL(page.url()).pathname === PATH;
}

/** A new origin of the test site. It is a loopback name, so its pages may use the test's servers. */
export function freshOrigin(site: SiteServer): string {
  return site.originOf(`site-${randomUUID()}.localhost`);
}

/** Serves the test site at a new origin that looks to this browser like one on the internet. */
export async function freshPublicOrigin(
  context: BrowserContext,
  site: SiteServer,
  scheme: 'http' | 'https' = 'http',
): Promise<string> {
  const origin = `${scheme}://site-${randomUUID()}.example`;
  await context.route(`${origin}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    // A new connection: the server may be closing a kept-alive one at this moment.
    const headers = { ...route.request().headers(), connection: 'close' };
    await route.fulfill({ response: await route.fetch({ url: site.origin + pathname, headers }) });
  });
  return origin;
}

/** A page whose tab comes to the front before each Peer is constructed, so that the user can be asked. */
export class VisitedPage extends PeerPage<Page> {
  override async construct(id: string | undefined, options: PeerSettings = {}): Promise<JSHandle<Peer>> {
    await this.page.bringToFront();
    return super.construct(id, options);
  }

  /** Constructs a Peer without bringing the tab to the front. */
  constructUnseen(id?: string): Promise<JSHandle<Peer>> {
    return super.construct(id);
  }
}

/** Ends Playwright's emulation, which tells all pages that they have the focus, so that this page notices when it has. */
export async function endPlayedFocus(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
}

/** Opens the page at this origin and path in a new tab. */
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

/** Resolves with the Peer's ID once it is open. */
export function openedId(peer: JSHandle<Peer>): Promise<string> {
  return peer.evaluate(async (peer) => (await kit.opened(peer)).id);
}

/** Waits until the Peer closes; resolves with the texts of all its events. */
export function eventsToTheEnd(peer: JSHandle<Peer>): Promise<string[]> {
  return peer.evaluate(async (peer) => {
    await kit.happened(peer, 'close');
    return kit.log(peer);
  });
}
