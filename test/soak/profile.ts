// A browser of the soak: its pages, and what can be counted and measured of it.
import type { BrowserContext, CDPSession, JSHandle, Page } from '@playwright/test';
import type { PeerSettings } from '../pages/kit/kit';
import type { ExtendedBrowser } from '../support/browser';
import { CdpTarget } from '../support/cdp-target';
import { isExtensionProcess, memoryOf } from '../support/process-memory';
import type { SoakPage } from './page/soak-page';

/** A tab that is there all the time, and whose page comes and goes. */
export class SoakTab {
  readonly #context: BrowserContext;
  readonly #url: string;
  readonly #options: PeerSettings;
  readonly name: string;
  readonly peersATab: number;
  #page: Page | undefined;
  #soak: JSHandle<SoakPage> | undefined;
  /** Counts the tab's pages: each has Peers of its own. */
  #visit = 0;

  constructor(context: BrowserContext, name: string, url: string, peersATab: number, options: PeerSettings) {
    this.#context = context;
    this.#url = url;
    this.name = name;
    this.peersATab = peersATab;
    this.#options = options;
  }

  /** Of the page that is there now. */
  get peerIds(): string[] {
    return Array.from({ length: this.peersATab }, (_, n) => `${this.name}-${this.#visit}-${n}`);
  }

  get soak(): JSHandle<SoakPage> {
    if (!this.#soak) throw new Error(`${this.name} has no page`);
    return this.#soak;
  }

  async open(): Promise<void> {
    this.#page = await this.#context.newPage();
    await this.#page.goto(this.#url);
    await this.#begin();
  }

  /** The page ends, and another of the same site takes its place: in one of the ways that users have. */
  async comeAndGo(how: 'reload' | 'close' | 'back'): Promise<void> {
    const page = this.#page!;
    if (how === 'close') {
      await page.close();
      await this.open();
      return;
    }
    if (how === 'reload') await page.reload();
    else {
      await page.goto('about:blank');
      await page.goBack();
    }
    await this.#begin();
  }

  async close(): Promise<void> {
    await this.#page?.close();
    this.#page = this.#soak = undefined;
  }

  async #begin(): Promise<void> {
    this.#visit += 1;
    this.#soak = await this.#page!.evaluateHandle(() => new soak.SoakPage());
    await this.#soak.evaluate((page, [ids, options]) => page.open(ids, options), [
      this.peerIds,
      this.#options,
    ] as const);
  }
}

/** Bytes of each process that is Peerport's or serves it. */
export interface ProfileMemory {
  /** The offscreen document and the service worker, which Chromium runs in one process. */
  extension: number;
  /** The page that is there before and after. */
  page: number;
  browser: number;
  /** Sockets and timers of all WebSockets and, in part, WebRTC. */
  network: number;
  /** Audio and video. */
  others: number;
}

export class MeasuredProfile {
  readonly #session: CDPSession;

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async of(browser: ExtendedBrowser): Promise<MeasuredProfile> {
    return new MeasuredProfile(await browser.browserSession());
  }

  /** After a collection in every context; what changes no longer is what stays. */
  async memory(): Promise<ProfileMemory> {
    let last = await this.#collectAndRead();
    for (let n = 0, steady = 0; n < 60 && steady < 4; n++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const now = await this.#collectAndRead();
      const isSteady = Object.keys(now).every((key) => Math.abs(now[key as never] - last[key as never]) < 512 * 1024);
      steady = isSteady ? steady + 1 : 0;
      last = now;
    }
    return last;
  }

  async #collectAndRead(): Promise<ProfileMemory> {
    await this.#session
      .send('Memory.simulatePressureNotification' as never, { level: 'critical' } as never)
      .catch(() => undefined);
    const { targetInfos } = await this.#session.send('Target.getTargets', { filter: [{}] });
    for (const { targetId, type } of targetInfos) {
      if (!['page', 'background_page', 'service_worker'].includes(type)) continue;
      const target = await CdpTarget.attach(this.#session, targetId);
      await target.send('HeapProfiler.collectGarbage').catch(() => undefined);
      await target.detach();
    }
    const { processInfo } = await this.#session.send('SystemInfo.getProcessInfo');
    const sum = (fits: (process: { type: string; id: number }) => boolean): number =>
      processInfo.filter(fits).reduce((total, { id }) => total + memoryOf(id), 0);
    return {
      extension: sum(({ id }) => isExtensionProcess(id)),
      page: sum(({ type, id }) => type === 'renderer' && !isExtensionProcess(id)),
      browser: sum(({ type }) => type === 'browser'),
      network: sum(({ type }) => type === 'utility'),
      others: sum(({ type }) => !['renderer', 'browser', 'utility'].includes(type)),
    };
  }
}
