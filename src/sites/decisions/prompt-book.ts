// The open prompts. Stored in the session store, so that a restarted worker knows the open windows and does not ask
// twice. A site has one prompt, however many of its documents wait for it.
import type { NamedServer, Site } from '../../protocol/control-messages';
import { PROMPT_PREFIX } from '../records/record-keys';
import type { Store } from '../records/store';
import type { ShownTab } from './tab-record';

export interface PromptRecord {
  promptId: string;
  site: Site;
  server: NamedServer;
  /** Tabs whose documents wait for the answer, each once. */
  waiting: ShownTab[];
  /** Absent until the window exists. */
  windowId?: number;
}

export class PromptBook {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async all(): Promise<PromptRecord[]> {
    return promptRecords(await this.#store.get(null));
  }

  put(record: PromptRecord): Promise<void> {
    return this.#store.set({ [PROMPT_PREFIX + record.promptId]: record });
  }

  remove({ promptId }: Pick<PromptRecord, 'promptId'>): Promise<void> {
    return this.#store.remove([PROMPT_PREFIX + promptId]);
  }
}

/** The prompts among records of the session store. */
export function promptRecords(session: Record<string, unknown>): PromptRecord[] {
  const records = Object.entries(session).filter(([key]) => key.startsWith(PROMPT_PREFIX));
  return records.flatMap(([, record]) => (record === undefined ? [] : [record as PromptRecord]));
}
