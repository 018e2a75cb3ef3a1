// Deletes temporary state: state bound to the origin that a tab shows (such as connections parked for its next page) when
// the tab leaves that origin, and state of private windows when the last one closes. Listens to tabs and windows only while
// such state exists, because each listener makes the browser wake the worker. So callers must report new temporary state
// with `expect` or `expectFor`, after storing it.
import { tabOriginOf } from '../../src/sites/decisions/tab-record';
import type { SiteLedger } from '../../src/sites/site-ledger';
import type { DepartureListeners, TabInfo } from '../platform/tabs';
import type { Prompts } from './prompts';

interface Watch {
  start(): void;
  stop(): void;
}

export interface DepartureDependencies {
  ledger: SiteLedger;
  prompts: Prompts;
  /** Called when a tab has left an origin that state was stored for. */
  onLeft: (tabId: number) => Promise<void>;
  createWatch: (listeners: DepartureListeners) => Watch;
  tabInfo: (tabId: number) => Promise<TabInfo | undefined>;
  hasPrivateWindow: () => Promise<boolean>;
}

export class Departures {
  readonly #dependencies: DepartureDependencies;
  readonly #watch: Watch;
  #expectedCount = 0;

  constructor(dependencies: DepartureDependencies) {
    this.#dependencies = dependencies;
    this.#watch = dependencies.createWatch({
      tabUpdated: (tabId, url, isReload) => void this.#tabShows(tabId, tabOriginOf(url), isReload),
      tabClosed: (tabId) => void this.#tabShows(tabId, undefined, false),
      windowClosed: (windowId) => void this.#windowClosed(windowId),
    });
    // Listen at once, to catch the event that woke the worker; the review stops this if there is nothing to watch.
    this.#watch.start();
    void this.#review();
  }

  /** Starts listening. Call it after temporary state was stored: called before, a review may overlook the state. */
  expect(): void {
    this.#expectedCount += 1;
    this.#watch.start();
  }

  /** Like `expect`, for state of this tab. Also checks the tab at once: it may have left while the state was being stored. */
  async expectFor(tabId: number): Promise<void> {
    this.expect();
    const tab = await this.#dependencies.tabInfo(tabId);
    if (!tab) await this.#forgetPrivate();
    await this.#tabShows(tabId, tab && tabOriginOf(tab.url), false);
  }

  async #tabShows(tabId: number, tabOrigin: string | undefined, isReload: boolean): Promise<void> {
    const { ledger, prompts, onLeft } = this.#dependencies;
    const [hasLeft] = await Promise.all([
      ledger.tabs.tabShows(tabId, tabOrigin),
      prompts.tabShows(tabId, tabOrigin, isReload),
    ]);
    if (hasLeft) await onLeft(tabId);
    await this.#review();
  }

  async #windowClosed(windowId: number): Promise<void> {
    await this.#dependencies.prompts.windowClosed(windowId);
    await this.#forgetPrivate();
    await this.#review();
  }

  /** Deletes the state of private windows if none is open. */
  async #forgetPrivate(): Promise<void> {
    const { ledger, hasPrivateWindow } = this.#dependencies;
    if (!(await hasPrivateWindow())) await ledger.tabs.forgetPrivate();
  }

  async #review(): Promise<void> {
    const countBefore = this.#expectedCount;
    const hasPassing = await this.#dependencies.ledger.tabs.hasPassing();
    if (!hasPassing && countBefore === this.#expectedCount) this.#watch.stop();
  }
}
