// The prompts that wait for an answer. Kept in the session store, so that a restarted worker knows the windows that are
// open and does not ask twice. One prompt a site, however many documents wait for it.
import type { NamedServer, Site } from '../protocol/control-messages';
import { grantKey } from './grant';
import type { PlacedSite } from './record-keys';
import type { Store } from './store';
import type { ShownTab } from './tab-record';

/** A document that waits for the answer. */
export interface WaitingDocument extends ShownTab {
  documentId: string;
}

export interface PromptRecord {
  promptId: string;
  site: Site;
  server: NamedServer;
  waiting: WaitingDocument[];
  /** Unknown until the window has been made. */
  windowId?: number;
}

const PREFIX = 'prompt:';

export class PromptBook {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async all(): Promise<PromptRecord[]> {
    const records = Object.entries(await this.#store.get(null));
    return records.filter(([key]) => key.startsWith(PREFIX)).map(([, record]) => record as PromptRecord);
  }

  async byId(promptId: string): Promise<PromptRecord | undefined> {
    const key = PREFIX + promptId;
    return (await this.#store.get([key]))[key] as PromptRecord | undefined;
  }

  async bySite(site: PlacedSite): Promise<PromptRecord | undefined> {
    const records = await this.all();
    return records.find(
      (record) => grantKey(record.site) === grantKey(site) && record.site.isPrivate === site.isPrivate,
    );
  }

  async byWindow(windowId: number): Promise<PromptRecord | undefined> {
    return (await this.all()).find((record) => record.windowId === windowId);
  }

  put(record: PromptRecord): Promise<void> {
    return this.#store.set({ [PREFIX + record.promptId]: record });
  }

  remove({ promptId }: PromptRecord): Promise<void> {
    return this.#store.remove([PREFIX + promptId]);
  }
}

/** The record with `document` among those that wait. */
export function withWaiting(record: PromptRecord, document: WaitingDocument): PromptRecord {
  const others = record.waiting.filter(({ documentId }) => documentId !== document.documentId);
  return { ...record, waiting: [...others, document] };
}

/** The tabs that wait, each once. */
export function waitingTabs(record: Pick<PromptRecord, 'waiting'>): ShownTab[] {
  const tabs = new Map(record.waiting.map(({ tabId, tabOrigin }) => [tabId, { tabId, tabOrigin }]));
  return [...tabs.values()];
}
