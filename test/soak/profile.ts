// The tabs of the soak's browsers, and the memory of their processes.
import type { BrowserContext, CDPSession, JSHandle, Page } from '@playwright/test';
import type { PeerSettings } from '../pages/kit/kit';
import type { ExtendedBrowser } from '../support/browser';
import { CdpTarget } from '../support/cdp-target';
import { memoryOf } from '../../scripts/process-memory.mjs';
import { processKind, type ProcessKind } from '../support/process-kind';
import type { SoakPage } from './page/soak-page';

/** Memory counts as steady while it changes by less than this between two readings, bytes. */
const STEADY_BYTES = 512 * 1024;

/** A tab that exists during the whole run, while its page is replaced from time to time. */
export class SoakTab {
  readonly #context: BrowserContext;
  readonly #url: string;
  readonly #options: PeerSettings;
  readonly name: string;
  readonly peersPerTab: number;
  #page: Page | undefined;
  #soak: JSHandle<SoakPage> | undefined;
  /** The number of the tab's page. Each page has IDs of its own. */
  #visit = 0;

  constructor(context: BrowserContext, name: string, url: string, peersPerTab: number, options: PeerSettings) {
    this.#context = context;
    this.#url = url;
    this.name = name;
    this.peersPerTab = peersPerTab;
    this.#options = options;
  }

  /** The IDs of the current page's Peers. */
  get peerIds(): string[] {
    return Array.from({ length: this.peersPerTab }, (_, n) => `${this.name}-${this.#visit}-${n}`);
  }

  get soak(): JSHandle<SoakPage> {
    if (!this.#soak) throw new Error(`${this.name} has no page`);
    return this.#soak;
  }

  async open(): Promise<void> {
    this.#page = await this.#context.newPage();
    await this.#page.goto(this.#url);
    await this.#openPeers();
  }

  /** Replaces the page with a new page of the same site, as a user could. */
  async replacePage(how: 'reload' | 'close' | 'back'): Promise<void> {
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
    await this.#openPeers();
  }

  async close(): Promise<void> {
    await this.#page?.close();
    this.#page = this.#soak = undefined;
  }

  async #openPeers(): Promise<void> {
    this.#visit += 1;
    this.#soak = await this.#page!.evaluateHandle(() => new soak.SoakPage());
    await this.#soak.evaluate((page, [ids, options]) => page.open(ids, options), [
      this.peerIds,
      this.#options,
    ] as const);
  }
}

/**
 * Bytes by kind of process. Offscreen document and service worker share the extension's process. `page` is the process
 * of the one page that stays open during the whole run.
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

  /**
   * Collects garbage in every context until the memory is steady, for at most a minute, and resolves with the memory.
   */
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
