// Owns the badge of the toolbar button: the number of the tab's connections, or `?` while a prompt waits for the user. Each
// update reads the counts from the session store, because the worker that stored them may have ended since.
import type { TabConnections } from '../../src/protocol/control-messages';
import { promptRecords } from '../../src/sites/decisions/prompt-book';
import type { Store } from '../../src/sites/records/store';
import type { WriteQueue } from '../../src/sites/records/write-queue';
import type { ActionBadge } from '../platform/action';
import type { StoreChanges } from '../platform/storage';

/** A badge fits four characters, but only three are legible. */
const MAX_SHOWN = 99;

const QUIET_COLOUR = '#3451c7';
const ASKING_COLOUR = '#b3261e';

interface BadgeTexts {
  idle: () => string;
  connections: (count: string) => string;
  asking: () => string;
}

export interface BadgeDependencies {
  session: Store;
  show: (tabId: number, badge: ActionBadge) => Promise<void>;
  texts: BadgeTexts;
  /** Runs updates in order, so that an older one cannot overwrite a newer one. */
  queue: WriteQueue;
}

export class Badge {
  readonly #dependencies: BadgeDependencies;

  constructor(dependencies: BadgeDependencies) {
    this.#dependencies = dependencies;
  }

  /** Stores and shows the host's counts, unchanged ones too: the browser clears the badge when the tab navigates. */
  async connectionsChanged(tabs: TabConnections[]): Promise<void> {
    const { session } = this.#dependencies;
    const [some, none] = [tabs.filter(({ count }) => count > 0), tabs.filter(({ count }) => count === 0)];
    await session.set(Object.fromEntries(some.map(({ tabId, count }) => [countKey(tabId), count])));
    await session.remove(none.map(({ tabId }) => countKey(tabId)));
    await this.#refresh(tabs.map(({ tabId }) => tabId));
  }

  /** Updates the tabs whose prompts are among the changes to the session store. */
  async storeChanged(changes: StoreChanges): Promise<void> {
    const values = (which: 'oldValue' | 'newValue') =>
      Object.fromEntries(Object.entries(changes).map(([key, change]) => [key, change[which]]));
    await this.#refresh([...new Set([...tabsAsking(values('oldValue')), ...tabsAsking(values('newValue'))])]);
  }

  #refresh(tabIds: number[]): Promise<void> {
    const { session, show, queue } = this.#dependencies;
    if (tabIds.length === 0) return Promise.resolve();
    return queue.run(async () => {
      const records = await session.get(null);
      const asking = new Set(tabsAsking(records));
      for (const tabId of tabIds) {
        const count = (records[countKey(tabId)] as number | undefined) ?? 0;
        await show(tabId, this.#badge(count, asking.has(tabId)));
      }
    });
  }

  #badge(count: number, isAsking: boolean): ActionBadge {
    const { texts } = this.#dependencies;
    if (isAsking) return { text: '?', colour: ASKING_COLOUR, title: texts.asking() };
    const shown = count > MAX_SHOWN ? `${MAX_SHOWN}+` : String(count);
    const title = count > 0 ? texts.connections(shown) : texts.idle();
    return { text: count > 0 ? shown : '', colour: QUIET_COLOUR, title };
  }
}

/** The tabs whose documents wait for one of the prompts in these session records. */
function tabsAsking(session: Record<string, unknown>): number[] {
  return promptRecords(session).flatMap(({ waiting }) => waiting.map(({ tabId }) => tabId));
}

function countKey(tabId: number): string {
  return `connections:${tabId}`;
}
