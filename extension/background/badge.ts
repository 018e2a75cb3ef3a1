// The badge of the toolbar button: how many connections the tab has, or that a prompt waits for the user. Derived from the
// session store each time, because the worker that counted may be gone by the next change.
import type { TabConnections } from '../../src/protocol/control-messages';
import { promptRecords } from '../../src/sites/decisions/prompt-book';
import type { Store } from '../../src/sites/records/store';
import type { WriteQueue } from '../../src/sites/records/write-queue';
import type { ActionBadge } from '../platform/action';
import type { StoreChanges } from '../platform/storage';

/** A badge has room for four letters; three can be read. */
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
  /** What is read and shown for one change must not overtake that of the next. */
  queue: WriteQueue;
}

export class Badge {
  readonly #dependencies: BadgeDependencies;

  constructor(dependencies: BadgeDependencies) {
    this.#dependencies = dependencies;
  }

  /** The host has counted. Shown anew also where the count is as before: the browser clears the badge with the page. */
  async connectionsChanged(tabs: TabConnections[]): Promise<void> {
    const { session } = this.#dependencies;
    const [some, none] = [tabs.filter(({ count }) => count > 0), tabs.filter(({ count }) => count === 0)];
    await session.set(Object.fromEntries(some.map(({ tabId, count }) => [countKey(tabId), count])));
    await session.remove(none.map(({ tabId }) => countKey(tabId)));
    await this.#refresh(tabs.map(({ tabId }) => tabId));
  }

  /** Something in the session store has changed: perhaps a prompt. */
  async storeChanged(changes: StoreChanges): Promise<void> {
    const values = (which: 'oldValue' | 'newValue') =>
      Object.fromEntries(Object.entries(changes).map(([key, change]) => [key, change[which]]));
    await this.#refresh([...new Set([...tabsAsking(values('oldValue')), ...tabsAsking(values('newValue'))])]);
  }

  #refresh(tabIds: number[]): Promise<void> {
    const { session, show, queue } = this.#dependencies;
    if (tabIds.length === 0) return Promise.resolve();
    return queue.run(async () => {
      const kept = await session.get(null);
      const asking = new Set(tabsAsking(kept));
      for (const tabId of tabIds) {
        const count = (kept[countKey(tabId)] as number | undefined) ?? 0;
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

/** The tabs for which prompts among these records of the session store wait. */
function tabsAsking(session: Record<string, unknown>): number[] {
  return promptRecords(session).flatMap(({ waiting }) => waiting.map(({ tabId }) => tabId));
}

function countKey(tabId: number): string {
  return `connections:${tabId}`;
}
