// Asks the user. One prompt window a site; everybody who needs the answer waits for the same one. The windows are
// recorded, the waiting promises are not: a restarted worker finds the window, and whoever waited asks again and joins.
import type { ConsentAnswer, NamedServer, PromptDescription, SiteDocument } from '../../src/protocol/control-messages';
import { decide } from '../../src/origin/grant';
import { waitingTabs, withWaiting, type PromptBook, type PromptRecord } from '../../src/origin/prompt-book';
import type { SiteLedger } from '../../src/origin/site-ledger';
import type { SiteLog } from '../../src/origin/site-log';
import type { TaskQueue } from '../../src/origin/task-queue';
import type { PlacedSite } from '../../src/origin/record-keys';
import { tabOriginOf } from '../../src/origin/tab-record';
import type { TabInfo } from '../platform/tabs';

export interface PromptWindows {
  open(promptId: string, overWindowId: number | undefined): Promise<number | undefined>;
  has(windowId: number): Promise<boolean>;
  focus(windowId: number): Promise<void>;
  close(windowId: number): Promise<void>;
}

export interface PromptDependencies {
  book: PromptBook;
  ledger: SiteLedger;
  log: Pick<SiteLog, 'add'>;
  windows: PromptWindows;
  tabInfo: (tabId: number) => Promise<TabInfo | undefined>;
  createPromptId: () => string;
  /** Called when a record was begun that ends with its tabs. */
  onWaiting: () => void;
  /** Prompts are looked for, opened and settled one after another, or two requests would open two windows. */
  queue: TaskQueue;
}

type Waiter = (answer: ConsentAnswer | undefined) => void;

export class Prompts {
  readonly #dependencies: PromptDependencies;
  readonly #waiters = new Map<string, Waiter[]>();

  constructor(dependencies: PromptDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Resolves with the answer, which is kept by then. Another prompt of the site may be what was answered; undefined: it
   * was answered before this request came to its turn, or a prompt that had to be waited for is gone. A tab has one prompt
   * at a time, whatever it embeds.
   */
  async ask(document: SiteDocument, server: NamedServer): Promise<ConsentAnswer | undefined> {
    const { queue, ledger, tabInfo } = this.#dependencies;
    const { promise, resolve } = deferred<ConsentAnswer | undefined>();
    await queue.run(async () => {
      const view = await ledger.view(document);
      if (view.isMuted || decide(view, document.site, server) !== 'ask') {
        resolve(undefined);
        return;
      }
      const tab = await tabInfo(document.tabId);
      if (!tab) {
        resolve('dismiss');
        return;
      }
      const other = await this.#otherPrompt(document);
      if (other) {
        this.#addWaiter(other.promptId, () => {
          resolve(undefined);
        });
      } else {
        this.#addWaiter(await this.#join(document, server, tab), resolve);
      }
    });
    return promise;
  }

  /** Something else than a prompt has decided. Closes the prompts that nobody needs any more; who waits looks again. */
  review(): Promise<void> {
    const { queue, book } = this.#dependencies;
    return queue.run(async () => {
      for (const record of await book.all()) {
        const isNeeded = await Promise.all(record.waiting.map(({ tabId }) => this.#isOpenQuestion(record, tabId)));
        if (isNeeded.every(Boolean)) continue;
        const waiting = record.waiting.filter((_document, index) => isNeeded[index]);
        if (waiting.length === 0) await this.#close(record, undefined);
        else {
          await book.put({ ...record, waiting });
          this.#release(record, undefined);
        }
      }
    });
  }

  /** Whether a prompt about the site waits for an answer. */
  async isWaiting(site: PlacedSite): Promise<boolean> {
    return (await this.#dependencies.book.bySite(site)) !== undefined;
  }

  /** Brings the prompt about the site to the front, and opens it again where its window is gone. */
  reveal(site: PlacedSite): Promise<void> {
    const { queue, book, tabInfo } = this.#dependencies;
    return queue.run(async () => {
      const record = await book.bySite(site);
      if (!record) return;
      const [first] = record.waiting;
      const tab = first && (await tabInfo(first.tabId));
      await this.#show(record, tab?.windowId, false);
    });
  }

  /** What the prompt in this window has to say; null if it is no longer needed. */
  describe(promptId: string, windowId: number | undefined): Promise<PromptDescription | null> {
    const { queue, book } = this.#dependencies;
    return queue.run(async () => {
      const record = await book.byId(promptId);
      if (!record) return null;
      // Had the worker ended while the window was being made, nobody would know the window.
      if (windowId !== undefined && record.windowId !== windowId) await book.put({ ...record, windowId });
      return { site: record.site, server: record.server };
    });
  }

  /** False if the prompt is no longer needed. */
  answer(promptId: string, answer: ConsentAnswer): Promise<boolean> {
    const { queue, book } = this.#dependencies;
    return queue.run(async () => {
      const record = await book.byId(promptId);
      if (record) await this.#settle(record, answer);
      return record !== undefined;
    });
  }

  windowClosed(windowId: number): Promise<void> {
    const { queue, book } = this.#dependencies;
    return queue.run(async () => {
      const record = await book.byWindow(windowId);
      if (record) await this.#settle(record, 'dismiss');
    });
  }

  /**
   * The tab shows this origin now, or (undefined) is closed. Closes the prompts for which nobody waits any more. A page
   * that gives way to another of its origin cannot be told from one that changes its address, so that one stays open.
   */
  tabShows(tabId: number, tabOrigin: string | undefined, isReload: boolean): Promise<void> {
    const { queue, book } = this.#dependencies;
    return queue.run(async () => {
      for (const record of await book.all()) {
        const waiting = record.waiting.filter(
          (document) => document.tabId !== tabId || (document.tabOrigin === tabOrigin && !isReload),
        );
        if (waiting.length === record.waiting.length) continue;
        if (waiting.length === 0) await this.#settle(record, 'dismiss');
        else await book.put({ ...record, waiting });
      }
    });
  }

  async #join(document: SiteDocument, server: NamedServer, tab: TabInfo): Promise<string> {
    const { book, log, createPromptId, onWaiting } = this.#dependencies;
    const { site, tabId, documentId } = document;
    const waiting = { tabId, documentId, tabOrigin: tabOriginOf(tab.url) };
    const open = await book.bySite(site);
    const record = withWaiting(open ?? { promptId: createPromptId(), site, server, waiting: [] }, waiting);
    await book.put(record);
    onWaiting();
    if (!open) await log.add(site, 'asked', server.label);
    await this.#show(record, tab.windowId, open?.waiting.some((other) => other.tabId === tabId) ?? false);
    return record.promptId;
  }

  /** A tab that waits already may not take the focus again with each Peer that it makes. */
  async #show(record: PromptRecord, overWindowId: number | undefined, isKnown: boolean): Promise<void> {
    const { book, windows } = this.#dependencies;
    const { promptId, windowId } = record;
    if (windowId !== undefined && (await windows.has(windowId))) {
      if (!isKnown) await windows.focus(windowId);
      return;
    }
    const opened = await windows.open(promptId, overWindowId);
    if (opened !== undefined) await book.put({ ...record, windowId: opened });
  }

  /** The prompt about another site that this tab has open. One whose window is gone is none. */
  async #otherPrompt({ site, tabId }: SiteDocument): Promise<PromptRecord | undefined> {
    const { book, windows } = this.#dependencies;
    const own = await book.bySite(site);
    const ofTab = (await book.all()).filter(({ waiting }) => waiting.some((document) => document.tabId === tabId));
    for (const record of ofTab) {
      if (record.promptId === own?.promptId) continue;
      if (record.windowId !== undefined && (await windows.has(record.windowId))) return record;
      await this.#close(record, undefined);
    }
    return undefined;
  }

  async #isOpenQuestion({ site, server }: PromptRecord, tabId: number): Promise<boolean> {
    return decide(await this.#dependencies.ledger.view({ site, tabId }), site, server) === 'ask';
  }

  /** Keeps the answer, before anybody is told of it: they read it from there. */
  async #settle(record: PromptRecord, answer: ConsentAnswer): Promise<void> {
    await this.#keep(record, answer);
    await this.#close(record, answer);
  }

  async #close(record: PromptRecord, answer: ConsentAnswer | undefined): Promise<void> {
    const { book, windows } = this.#dependencies;
    await book.remove(record);
    this.#release(record, answer);
    if (record.windowId !== undefined) await windows.close(record.windowId);
  }

  #addWaiter(promptId: string, waiter: Waiter): void {
    this.#waiters.set(promptId, [...(this.#waiters.get(promptId) ?? []), waiter]);
  }

  #release({ promptId }: PromptRecord, answer: ConsentAnswer | undefined): void {
    const waiters = this.#waiters.get(promptId) ?? [];
    this.#waiters.delete(promptId);
    for (const resolve of waiters) resolve(answer);
  }

  async #keep({ site, server, waiting }: PromptRecord, answer: ConsentAnswer): Promise<void> {
    const { ledger, log } = this.#dependencies;
    switch (answer) {
      case 'always':
        await ledger.decide(site, 'allow', server);
        return log.add(site, 'allowed', server.label);
      case 'block':
        await ledger.decide(site, 'block', server);
        return log.add(site, 'blocked', server.label);
      case 'once':
        await ledger.allowOnce(site, waitingTabs({ waiting }), server);
        return log.add(site, 'allowed-for-tab', server.label);
      case 'dismiss': {
        const isLast = await ledger.dismiss(site);
        await log.add(site, 'dismissed', server.label);
        if (isLast) await log.add(site, 'muted');
        return;
      }
      default:
        return answer satisfies never;
    }
  }
}

function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}
