// Ends what was kept only for as long as a tab shows an origin, as links that wait for its next page are, or for as long as
// a private window is open. Listens to tabs and windows only while anything such is kept: for nothing else may the browser
// have to wake the worker.
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
  /** Called when a tab has left the origin that something was kept for. */
  onLeft: (tabId: number) => Promise<void>;
  createWatch: (listeners: DepartureListeners) => Watch;
  tabInfo: (tabId: number) => Promise<TabInfo | undefined>;
  hasPrivateWindow: () => Promise<boolean>;
}

export class Departures {
  readonly #dependencies: DepartureDependencies;
  readonly #watch: Watch;
  #notedCount = 0;

  constructor(dependencies: DepartureDependencies) {
    this.#dependencies = dependencies;
    this.#watch = dependencies.createWatch({
      tabUpdated: (tabId, url, isReload) => void this.#tabShows(tabId, tabOriginOf(url), isReload),
      tabClosed: (tabId) => void this.#tabShows(tabId, undefined, false),
      windowClosed: (windowId) => void this.#windowClosed(windowId),
    });
    // At once, for the event that woke the worker; then looked at whether there is anything to watch for.
    this.#watch.start();
    void this.#review();
  }

  /** Call it when something is kept that ends so: after it was written, or it may be overlooked. */
  noteKept(): void {
    this.#notedCount += 1;
    this.#watch.start();
  }

  /** Something is kept for this tab. It may have left before that was written, and then nobody says so again. */
  async noteKeptFor(tabId: number): Promise<void> {
    this.noteKept();
    const tab = await this.#dependencies.tabInfo(tabId);
    if (!tab) await this.#forgetPrivate();
    await this.#tabShows(tabId, tab && tabOriginOf(tab.url), false);
  }

  async #tabShows(tabId: number, tabOrigin: string | undefined, isReload: boolean): Promise<void> {
    const { ledger, prompts, onLeft } = this.#dependencies;
    const [hasLeft] = await Promise.all([
      ledger.tabShows(tabId, tabOrigin),
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

  /** Where the last private window is gone. */
  async #forgetPrivate(): Promise<void> {
    const { ledger, hasPrivateWindow } = this.#dependencies;
    if (!(await hasPrivateWindow())) await ledger.forgetPrivate();
  }

  async #review(): Promise<void> {
    const countBefore = this.#notedCount;
    const hasPassing = await this.#dependencies.ledger.hasPassing();
    if (!hasPassing && countBefore === this.#notedCount) this.#watch.stop();
  }
}
