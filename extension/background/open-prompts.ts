// The prompts that wait for an answer, in memory, to be found by site, by tab and by ID without reading a store; each change is
// written to the book, from which the next run of the worker takes them over. Nothing here waits for anything but `load`, so a
// caller that has found a prompt can join it before anybody else acts.
import type { ConsentAnswer, NamedServer, Site } from '../../src/protocol/control-messages';
import type { PromptBook, PromptRecord } from '../../src/sites/decisions/prompt-book';
import { grantKey, type PlacedSite } from '../../src/sites/records/record-keys';
import type { ShownTab } from '../../src/sites/decisions/tab-record';
import { WriteQueue } from '../../src/sites/records/write-queue';

/**
 * What becomes of a request to ask. Beside the answer: `crowded`: too many documents wait already; `failed`: the browser opened
 * no window; undefined: look again, something has changed.
 */
export type PromptReply = ConsentAnswer | 'crowded' | 'failed' | undefined;

/** A document that waits. */
export interface Waiter {
  tabId: number;
  resolve: (reply: PromptReply) => void;
}

export class OpenPrompt {
  /** The origin that the tab shows, by tab: those whose documents wait. */
  readonly tabs: Map<number, string>;
  /** Documents that wait in this run of the worker. */
  readonly waiters = new Set<Waiter>();
  /** Its window is opened and brought to the front one after another. Other prompts do not wait for that. */
  readonly windowTasks = new WriteQueue();
  windowId: number | undefined;
  /** False where a former run of the worker has left the prompt and its window may be gone. */
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
  /** Of the book: what is written last has to be what was changed last. */
  readonly #writes = new WriteQueue();
  #loading: Promise<void> | undefined;

  constructor(book: PromptBook) {
    this.#book = book;
  }

  /** To be awaited before anything else. Rejects, and can be called again, where the book cannot be read. */
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

  /** The one that documents of this tab wait for: a tab has no more than one. */
  ofTab(tabId: number): OpenPrompt | undefined {
    return this.#byTab.get(tabId);
  }

  byWindow(windowId: number): OpenPrompt | undefined {
    return this.all().find((prompt) => prompt.windowId === windowId);
  }

  /** Returns whether the tab is new to the prompt, which may be new itself. */
  join(prompt: OpenPrompt, { tabId, tabOrigin }: ShownTab): boolean {
    this.#index(prompt);
    if (prompt.tabs.has(tabId)) return false;
    prompt.tabs.set(tabId, tabOrigin);
    this.#byTab.set(tabId, prompt);
    void this.save(prompt);
    return true;
  }

  /** Documents of this tab no longer wait. */
  leave(prompt: OpenPrompt, tabId: number): void {
    prompt.tabs.delete(tabId);
    if (this.#byTab.get(tabId) === prompt) this.#byTab.delete(tabId);
    void this.save(prompt);
  }

  /** A write that fails costs no more than that the next run of the worker asks again. */
  save(prompt: OpenPrompt): Promise<void> {
    return this.#writes
      .run(() => (prompt.isClosed ? Promise.resolve() : this.#book.put(prompt.record)))
      .catch(() => undefined);
  }

  /** Resolves when the book is without it. */
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
