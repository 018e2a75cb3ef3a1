// A browser of the soak: its pages, and what can be counted and measured of it.
import type { BrowserContext, CDPSession, JSHandle, Page } from '@playwright/test';
import type { PeerSettings } from '../pages/kit/kit';
import type { ExtendedBrowser } from '../support/browser';
import { CdpTarget } from '../support/cdp-target';
import { memoryOf, processKind, type ProcessKind } from '../support/process-memory';
import type { SoakPage } from './page/soak-page';

/** A process whose memory changes by less from one reading to the next has come to rest, bytes. */
const STEADY_BYTES = 512 * 1024;

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

/**
 * Bytes of each kind of process. Offscreen document and service worker share the process of the extension; the process of
 * pages is that of the one page that is there before and after.
 */
export type ProfileMemory = Partial<Record<ProcessKind, number>>;

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
      const isSteady = Object.keys(now).every(
        (kind) => Math.abs(now[kind as never] - last[kind as never]) < STEADY_BYTES,
      );
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
    const memory: ProfileMemory = {};
    for (const { id } of processInfo) {
      const kind = processKind(id);
      if (kind) memory[kind] = (memory[kind] ?? 0) + memoryOf(id);
    }
    return memory;
  }
}
