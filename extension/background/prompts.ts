// Asks the user. Owns the prompt windows: one per site, and at most one at a time per tab. All documents that need the answer
// wait for the same prompt. The windows are stored, the waiting promises are not: a restarted worker finds the window, and the
// documents that waited repeat their requests and join it.
//
// Requests of different sites do not wait for each other. Each prompt opens, comes to the front and settles on its own, and a
// request finds and joins its prompt synchronously. Whatever a request read from the ledger before that may be out of date, so
// it reads again if a prompt was closed or a decision made meanwhile (`#changes`).
import type { Logger } from '../../src/diagnostics/diagnostic-log';
import type { ConsentAnswer, NamedServer, PromptDescription, SiteDocument } from '../../src/protocol/control-messages';
import { decide } from '../../src/sites/decisions/grant';
import type { PromptBook } from '../../src/sites/decisions/prompt-book';
import type { SiteLedger } from '../../src/sites/site-ledger';
import type { SiteLog } from '../../src/sites/site-log';
import type { PlacedSite } from '../../src/sites/records/record-keys';
import { tabOriginOf } from '../../src/sites/decisions/tab-record';
import type { TabInfo } from '../platform/tabs';
import { OpenPrompt, OpenPrompts, type PromptReply, type Waiter } from './open-prompts';

export interface PromptWindows {
  /** `hasFocus`: the window takes the focus. */
  open(promptId: string, overWindowId: number | undefined, hasFocus: boolean): Promise<number | undefined>;
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
  /** Called when a tab has joined a prompt, which ends when its last tab leaves. */
  onWaiting: () => void;
  /** Called after each decision, so that documents that may not ask yet repeat their requests. */
  onDecided: () => void;
  diagnostics: Logger<'prompts'>;
}

/**
 * How many documents may wait for one prompt: more tabs and frames of one site than anybody uses at a time. Each costs the
 * background a promise and, once the prompt is answered, one read of the site's records.
 */
const MAX_WAITING = 128;

export class Prompts {
  readonly #dependencies: PromptDependencies;
  readonly #open: OpenPrompts;
  /** Counts closed prompts, and decisions made elsewhere. */
  #changes = 0;

  constructor(dependencies: PromptDependencies) {
    this.#dependencies = dependencies;
    this.#open = new OpenPrompts(dependencies.book);
  }

  /**
   * Resolves with the answer after it was stored. The answer may belong to a prompt about another server of the site.
   * Undefined means: decide again, because the site was decided about before this request was served, or because the tab's
   * other prompt, for which this request had to wait, has closed. A tab has one prompt at a time, whatever it embeds.
   */
  async ask(document: SiteDocument, server: NamedServer): Promise<PromptReply> {
    const { ledger, tabInfo } = this.#dependencies;
    const { site, tabId } = document;
    await this.#open.load();
    for (;;) {
      const changes = this.#changes;
      const [view, tab] = await Promise.all([ledger.view(document), tabInfo(tabId)]);
      if (view.isMuted || decide(view, site, server) !== 'ask') return undefined;
      if (!tab) return 'dismiss';
      if (changes !== this.#changes) continue;
      const own = this.#open.bySite(site);
      const ofTab = this.#open.ofTab(tabId);
      const other = ofTab === own ? undefined : ofTab;
      if (other && !other.isWindowKnown) {
        await this.#findWindow(other);
        continue;
      }
      const awaited = other ?? own;
      if (awaited && awaited.waiters.size >= MAX_WAITING) return 'crowded';
      if (other) return waitFor(other, tabId).then(() => undefined);
      return waitFor(this.#join(own, document, server, tab), tabId);
    }
  }

  /** Call it after a decision made outside a prompt. Closes prompts that became unnecessary; waiting documents decide again. */
  async review(): Promise<void> {
    this.#changes += 1;
    await this.#open.load();
    await Promise.all(this.#open.all().map((prompt) => this.#review(prompt)));
    this.#dependencies.onDecided();
  }

  /** Whether a prompt about the site waits for an answer. */
  async isWaiting(site: PlacedSite): Promise<boolean> {
    await this.#open.load();
    return this.#open.bySite(site) !== undefined;
  }

  /** Whether documents of this document's tab already wait for a prompt about its site. */
  async isWaitingIn({ site, tabId }: SiteDocument): Promise<boolean> {
    await this.#open.load();
    return this.#open.bySite(site)?.tabs.has(tabId) ?? false;
  }

  /** Brings the prompt about the site to the front, and opens it again if its window is gone. */
  async reveal(site: PlacedSite): Promise<void> {
    await this.#open.load();
    const prompt = this.#open.bySite(site);
    if (!prompt) return;
    const [first] = prompt.waiting;
    const tab = first && (await this.#dependencies.tabInfo(first.tabId));
    await this.#show(prompt, { windowId: tab?.windowId, hasFocus: true }, true);
  }

  /** What the prompt in this window asks. Null if the prompt is no longer needed. */
  async describe(promptId: string, windowId: number | undefined): Promise<PromptDescription | null> {
    await this.#open.load();
    const prompt = this.#open.byId(promptId);
    if (!prompt) return null;
    if (windowId !== undefined) {
      const hasChanged = prompt.windowId !== windowId;
      prompt.windowId = windowId;
      prompt.isWindowKnown = true;
      // The worker may have ended while the window was opening, before it stored the window's ID.
      if (hasChanged) await this.#open.save(prompt);
    }
    return { site: prompt.site, server: prompt.server };
  }

  /** False if the prompt is no longer needed. Rejects if the answer could not be stored: the prompt then stays open for another try. */
  async answer(promptId: string, answer: ConsentAnswer): Promise<boolean> {
    await this.#open.load();
    const prompt = this.#open.byId(promptId);
    return prompt !== undefined && this.#settle(prompt, answer);
  }

  async windowClosed(windowId: number): Promise<void> {
    await this.#open.load();
    const prompt = this.#open.byWindow(windowId);
    if (!prompt) return;
    prompt.isWindowKnown = false;
    await this.#settle(prompt, 'dismiss');
  }

  /**
   * Call it when the tab shows a page of this origin, or (undefined) was closed. Closes a prompt that no tab waits for any
   * more. A navigation within the origin looks the same as a page that changes its own address, so the prompt stays then.
   */
  async tabShows(tabId: number, tabOrigin: string | undefined, isReload: boolean): Promise<void> {
    await this.#open.load();
    const prompt = this.#open.ofTab(tabId);
    if (!prompt || (prompt.tabs.get(tabId) === tabOrigin && !isReload)) return;
    this.#open.leave(prompt, tabId);
    release(prompt, 'dismiss', (waiter) => waiter.tabId === tabId);
    if (prompt.tabs.size === 0) await this.#settle(prompt, 'dismiss');
  }

  /** Synchronous, so that no other request can open a prompt for the site or the tab meanwhile. */
  #join(own: OpenPrompt | undefined, document: SiteDocument, server: NamedServer, tab: TabInfo): OpenPrompt {
    const { log, createPromptId, onWaiting, diagnostics } = this.#dependencies;
    const { site, tabId } = document;
    const prompt = own ?? new OpenPrompt(createPromptId(), site, server);
    const isNewTab = this.#open.join(prompt, { tabId, tabOrigin: tabOriginOf(tab.url) });
    if (isNewTab) onWaiting();
    // Not awaited: the prompt does not depend on the log.
    if (!own) {
      diagnostics.info('opened', { site });
      void log.add(site, 'asked', server.label).catch((error: unknown) => {
        diagnostics.warn('not-logged', { error });
      });
    }
    if (isNewTab || !prompt.isWindowKnown) {
      // A tab that waits already must not take the focus again with each new Peer.
      void this.#show(prompt, tab, isNewTab && tab.hasFocus)
        .catch((error: unknown) => {
          diagnostics.error('window-failed', { site, error });
          return this.#close(prompt, 'failed');
        })
        .catch((error: unknown) => diagnostics.warn('window-failed', { site, error }));
    }
    return prompt;
  }

  /** Opens the prompt's window over the tab's window. If it is open already and `isRaised` is set, brings it to the front. */
  #show(
    prompt: OpenPrompt,
    { windowId, hasFocus }: Pick<TabInfo, 'windowId' | 'hasFocus'>,
    isRaised: boolean,
  ): Promise<void> {
    const { windows } = this.#dependencies;
    return prompt.windowTasks.run(async () => {
      if (prompt.isClosed) return;
      if (await this.#hasWindow(prompt)) {
        prompt.isWindowKnown = true;
        if (isRaised) await windows.focus(prompt.windowId!);
        return;
      }
      const opened = await windows.open(prompt.promptId, windowId, hasFocus);
      if (opened === undefined) return;
      prompt.windowId = opened;
      prompt.isWindowKnown = true;
      const isStillOpen = this.#open.byId(prompt.promptId) === prompt;
      if (isStillOpen) await this.#open.save(prompt);
      // The prompt was settled while its window was opening.
      else await windows.close(opened);
    });
  }

  async #hasWindow({ windowId }: OpenPrompt): Promise<boolean> {
    return windowId !== undefined && (await this.#dependencies.windows.has(windowId));
  }

  /** Looks for the window of a prompt from an earlier run of the worker. Closes the prompt if its window is gone. */
  async #findWindow(prompt: OpenPrompt): Promise<void> {
    const isThere = await this.#hasWindow(prompt);
    if (isThere) prompt.isWindowKnown = true;
    else if (!prompt.isClosed) {
      this.#dependencies.diagnostics.info('window-gone', { site: prompt.site });
      await this.#close(prompt, undefined);
    }
  }

  async #review(prompt: OpenPrompt): Promise<void> {
    const tabIds = [...prompt.tabs.keys()];
    const isNeeded = await Promise.all(tabIds.map((tabId) => this.#isOpenQuestion(prompt, tabId)));
    // An answer that has arrived meanwhile settles the prompt anyway.
    if (prompt.isSettling || prompt.isClosed || isNeeded.every(Boolean)) return;
    for (const [index, tabId] of tabIds.entries()) if (!isNeeded[index]) this.#open.leave(prompt, tabId);
    if (prompt.tabs.size === 0) {
      this.#dependencies.diagnostics.info('not-needed', { site: prompt.site });
      await this.#close(prompt, undefined);
    } else release(prompt, undefined);
  }

  async #isOpenQuestion({ site, server }: OpenPrompt, tabId: number): Promise<boolean> {
    return decide(await this.#dependencies.ledger.view({ site, tabId }), site, server) === 'ask';
  }

  /** Stores the answer, then releases the waiting documents, which read it from the store. False if it was answered already. */
  async #settle(prompt: OpenPrompt, answer: ConsentAnswer): Promise<boolean> {
    if (prompt.isSettling || prompt.isClosed) return false;
    prompt.isSettling = true;
    try {
      await this.#store(prompt, answer);
    } catch (cause) {
      prompt.isSettling = false;
      this.#dependencies.diagnostics.error('not-stored', { site: prompt.site, answer, error: cause });
      throw cause;
    }
    this.#dependencies.diagnostics.info('answered', { site: prompt.site, answer });
    await this.#close(prompt, answer);
    if (answer !== 'dismiss') this.#dependencies.onDecided();
    return true;
  }

  async #close(prompt: OpenPrompt, reply: PromptReply): Promise<void> {
    if (prompt.isClosed) return;
    this.#changes += 1;
    const removed = this.#open.remove(prompt);
    release(prompt, reply);
    await removed;
    if (prompt.windowId !== undefined) await this.#dependencies.windows.close(prompt.windowId);
  }

  async #store({ site, server, waiting }: OpenPrompt, answer: ConsentAnswer): Promise<void> {
    const { ledger, log } = this.#dependencies;
    switch (answer) {
      case 'always':
        await ledger.decide(site, 'allow', server);
        await ledger.forgive(site);
        return log.add(site, 'allowed', server.label);
      case 'once':
        await ledger.tabs.allowOnce(site, waiting, server);
        await ledger.forgive(site);
        return log.add(site, 'allowed-for-tab', server.label);
      case 'block':
        await ledger.decide(site, 'block', server);
        await log.add(site, 'blocked', server.label);
        return this.#countAgainst(site);
      case 'dismiss':
        await log.add(site, 'dismissed', server.label);
        return this.#countAgainst(site);
      default:
        return answer satisfies never;
    }
  }

  async #countAgainst(site: PlacedSite): Promise<void> {
    const { ledger, log } = this.#dependencies;
    if (await ledger.dismiss(site)) await log.add(site, 'muted');
  }
}

function waitFor(prompt: OpenPrompt, tabId: number): Promise<PromptReply> {
  return new Promise((resolve) => prompt.waiters.add({ tabId, resolve }));
}

function release(prompt: OpenPrompt, reply: PromptReply, isMeant: (waiter: Waiter) => boolean = () => true): void {
  for (const waiter of prompt.waiters) {
    if (!isMeant(waiter)) continue;
    prompt.waiters.delete(waiter);
    waiter.resolve(reply);
  }
}
