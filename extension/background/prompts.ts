// Asks the user. One prompt window a site; everybody who needs the answer waits for the same one. The windows are
// recorded, the waiting promises are not: a restarted worker finds the window, and whoever waited asks again and joins.
import type { ConsentAnswer, NamedServer, PromptDescription, SiteDocument } from '../../src/protocol/control-messages';
import { decide } from '../../src/origin/grant';
import { waitingTabs, withWaiting, type PromptBook, type PromptRecord } from '../../src/origin/prompt-book';
import type { SiteLedger } from '../../src/origin/site-ledger';
import type { TaskQueue } from '../../src/origin/task-queue';
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
  windows: PromptWindows;
  tabInfo: (tabId: number) => Promise<TabInfo | undefined>;
  createPromptId: () => string;
  /** Called when a record was begun that ends with its tabs. */
  onWaiting: () => void;
  /** Prompts are looked for, opened and settled one after another, or two requests would open two windows. */
  queue: TaskQueue;
}

type Waiter = (answer: ConsentAnswer) => void;

export class Prompts {
  readonly #dependencies: PromptDependencies;
  readonly #waiters = new Map<string, Waiter[]>();

  constructor(dependencies: PromptDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Resolves with the answer, which is kept by then. Another prompt of the site may be what was answered; undefined: it
   * was answered before this request came to its turn.
   */
  async ask(document: SiteDocument, server: NamedServer): Promise<ConsentAnswer | undefined> {
    const { queue, ledger, tabInfo } = this.#dependencies;
    const { promise, resolve } = deferred<ConsentAnswer | undefined>();
    await queue.run(async () => {
      if (decide(await ledger.view(document), document.site, server) !== 'ask') {
        resolve(undefined);
        return;
      }
      const tab = await tabInfo(document.tabId);
      if (!tab) {
        resolve('dismiss');
        return;
      }
      const promptId = await this.#join(document, server, tab);
      this.#waiters.set(promptId, [...(this.#waiters.get(promptId) ?? []), resolve]);
    });
    return promise;
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
    const { book, createPromptId, onWaiting } = this.#dependencies;
    const { site, tabId, documentId } = document;
    const waiting = { tabId, documentId, tabOrigin: tabOriginOf(tab.url) };
    const open = await book.bySite(site);
    const record = withWaiting(open ?? { promptId: createPromptId(), site, server, waiting: [] }, waiting);
    await book.put(record);
    onWaiting();
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

  /** Keeps the answer, before anybody is told of it: they read it from there. */
  async #settle(record: PromptRecord, given: ConsentAnswer): Promise<void> {
    const { book, windows } = this.#dependencies;
    const answer = possibleAnswer(record, given);
    await this.#keep(record, answer);
    await book.remove(record);
    for (const resolve of this.#waiters.get(record.promptId) ?? []) resolve(answer);
    this.#waiters.delete(record.promptId);
    if (record.windowId !== undefined) await windows.close(record.windowId);
  }

  async #keep(record: PromptRecord, answer: ConsentAnswer): Promise<void> {
    const { ledger } = this.#dependencies;
    const { site, server } = record;
    switch (answer) {
      case 'always':
        return ledger.decide(site, 'allow', server);
      case 'block':
        return ledger.decide(site, 'block', server);
      case 'once':
        return ledger.allowOnce(site, waitingTabs(record), server);
      case 'dismiss':
        return undefined;
      default:
        return answer satisfies never;
    }
  }
}

/** An opaque origin ends with its document, so there is nothing that a lasting answer could be kept by. */
function possibleAnswer({ site }: PromptRecord, answer: ConsentAnswer): ConsentAnswer {
  if (!site.isOpaque) return answer;
  return answer === 'block' ? 'dismiss' : answer === 'always' ? 'once' : answer;
}

function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}
