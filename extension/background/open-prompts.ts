// Holds the open prompts in memory, indexed by site, tab and ID. Each change is also written to the book, from which the next
// run of the worker restores them. Callers must await `load` first. The look-ups and `join` are synchronous, so that a caller
// can find a prompt and join it before any other task runs.
import type { ConsentAnswer, NamedServer, Site } from '../../src/protocol/control-messages';
import type { PromptBook, PromptRecord } from '../../src/sites/decisions/prompt-book';
import { grantKey, type PlacedSite } from '../../src/sites/records/record-keys';
import type { ShownTab } from '../../src/sites/decisions/tab-record';
import { WriteQueue } from '../../src/sites/records/write-queue';

/**
 * The outcome of a request to ask: the user's answer, `crowded` (too many documents wait already), `failed` (the browser opened
 * no window), or undefined (something has changed: decide again).
 */
export type PromptReply = ConsentAnswer | 'crowded' | 'failed' | undefined;

/** A document that waits for a prompt. */
export interface Waiter {
  tabId: number;
  resolve: (reply: PromptReply) => void;
}

export class OpenPrompt {
  /** The tabs whose documents wait, each with the origin that it shows. */
  readonly tabs: Map<number, string>;
  /** The documents that have asked in this run of the worker. */
  readonly waiters = new Set<Waiter>();
  /** Opens and focuses the prompt's window in order. Each prompt has its own queue, so that prompts do not delay each other. */
  readonly windowTasks = new WriteQueue();
  windowId: number | undefined;
  /** False if an earlier run of the worker opened the prompt, so that its window may be gone. */
  isWindowKnown = true;
  isSettling = false;
  isClosed = false;

  constructor(
    readonly promptId: string,
    readonly site: Site,
    readonly server: NamedServer,
    tabs: readonly ShownTab[] = [],
  ) {
    this.tabs = new Map(tabs.map(({ tabId, tabOrigin }) => [tabId, tabOrigin]));
  }

  get waiting(): ShownTab[] {
    return [...this.tabs].map(([tabId, tabOrigin]) => ({ tabId, tabOrigin }));
  }

  get record(): PromptRecord {
    const { promptId, site, server, waiting, windowId } = this;
    return { promptId, site, server, waiting, ...(windowId !== undefined && { windowId }) };
  }
}

export class OpenPrompts {
  readonly #book: PromptBook;
  readonly #byId = new Map<string, OpenPrompt>();
  readonly #bySite = new Map<string, OpenPrompt>();
  readonly #byTab = new Map<number, OpenPrompt>();
  /** Writes to the book in order, so that the last change is written last. */
  readonly #writes = new WriteQueue();
  #loading: Promise<void> | undefined;

  constructor(book: PromptBook) {
    this.#book = book;
  }

  /** Await it before any other call. Rejects if the book cannot be read; can then be called again. */
  load(): Promise<void> {
    return (this.#loading ??= this.#read().catch((cause: unknown) => {
      this.#loading = undefined;
      throw cause;
    }));
  }

  all(): OpenPrompt[] {
    return [...this.#byId.values()];
  }

  byId(promptId: string): OpenPrompt | undefined {
    return this.#byId.get(promptId);
  }

  bySite(site: PlacedSite): OpenPrompt | undefined {
    return this.#bySite.get(siteKey(site));
  }

  /** The prompt that documents of this tab wait for. A tab has at most one. */
  ofTab(tabId: number): OpenPrompt | undefined {
    return this.#byTab.get(tabId);
  }

  byWindow(windowId: number): OpenPrompt | undefined {
    return this.all().find((prompt) => prompt.windowId === windowId);
  }

  /** Adds the tab to the prompt, and a new prompt to the index. Returns whether the tab is new to the prompt. */
  join(prompt: OpenPrompt, { tabId, tabOrigin }: ShownTab): boolean {
    this.#index(prompt);
    if (prompt.tabs.has(tabId)) return false;
    prompt.tabs.set(tabId, tabOrigin);
    this.#byTab.set(tabId, prompt);
    void this.save(prompt);
    return true;
  }

  /** Removes the tab from the prompt. */
  leave(prompt: OpenPrompt, tabId: number): void {
    prompt.tabs.delete(tabId);
    if (this.#byTab.get(tabId) === prompt) this.#byTab.delete(tabId);
    void this.save(prompt);
  }

  /** Never rejects: after a failed write, the next run of the worker merely asks again. */
  save(prompt: OpenPrompt): Promise<void> {
    return this.#writes
      .run(() => (prompt.isClosed ? Promise.resolve() : this.#book.put(prompt.record)))
      .catch(() => undefined);
  }

  /** Resolves when the prompt is deleted from the book. */
  remove(prompt: OpenPrompt): Promise<void> {
    prompt.isClosed = true;
    this.#byId.delete(prompt.promptId);
    this.#bySite.delete(siteKey(prompt.site));
    for (const tabId of prompt.tabs.keys()) if (this.#byTab.get(tabId) === prompt) this.#byTab.delete(tabId);
    return this.#writes.run(() => this.#book.remove(prompt));
  }

  async #read(): Promise<void> {
    for (const { promptId, site, server, waiting, windowId } of await this.#book.all()) {
      const prompt = new OpenPrompt(promptId, site, server, waiting);
      prompt.windowId = windowId;
      prompt.isWindowKnown = false;
      this.#index(prompt);
      for (const { tabId } of waiting) this.#byTab.set(tabId, prompt);
    }
  }

  #index(prompt: OpenPrompt): void {
    this.#byId.set(prompt.promptId, prompt);
    this.#bySite.set(siteKey(prompt.site), prompt);
  }
}

function siteKey(site: PlacedSite): string {
  return JSON.stringify([grantKey(site), site.isPrivate]);
}
