// What is stored about tabs and private windows, for as long as they last: all of it is in the session store. Writes go
// through the queue of all stores. The caller must report tab changes (`tabShows`) and the end of the last private window
// (`forgetPrivate`). Two methods run within a write of the caller's own, and say so.
import type { NamedServer } from '../../protocol/control-messages';
import type { SiteName } from '../../protocol/ui-messages';
import { grantKey, PRIVATE_PREFIX, PROMPT_PREFIX, TAB_PREFIX, type PlacedSite } from '../records/record-keys';
import type { Store } from '../records/store';
import type { WriteQueue } from '../records/write-queue';
import { withServer } from './grant';
import {
  newTabRecord,
  tabIdOf,
  tabKey,
  tabRecords,
  withEmbedded,
  withoutLeases,
  withoutOnce,
  type ShownTab,
  type TabRecord,
} from './tab-record';

interface QueuedNote {
  /** Embedded sites that have asked in this tab. */
  embedded: SiteName[];
  written: Promise<boolean>;
}

/** Keys of records that end with a tab or window. Dismissals last for the session, so their keys are absent. */
const PASSING_PREFIXES = [TAB_PREFIX, PROMPT_PREFIX, PRIVATE_PREFIX];

export class TabLedger {
  readonly #session: Store;
  readonly #writes: WriteQueue;
  /** Notes that wait to be written, by tab and origin. */
  readonly #queuedNotes = new Map<string, QueuedNote>();

  constructor(session: Store, writes: WriteQueue) {
    this.#session = session;
    this.#writes = writes;
  }

  /** Allows the site in these tabs until each tab leaves its present origin. */
  async allowOnce(site: PlacedSite, tabs: readonly ShownTab[], server?: NamedServer): Promise<void> {
    const key = grantKey(site);
    await this.#change(tabs, site.isPrivate, (record) => ({
      ...record,
      once: { ...record.once, [key]: withServer(record.once[key] ?? [], server) },
    }));
  }

  /**
   * Ends the site's permissions for single tabs. `wherever`: also those of the origin embedded in other sites. Call it
   * within a write.
   */
  async endOnce(site: PlacedSite, wherever: boolean): Promise<void> {
    const isMeant = (other: SiteName): boolean =>
      grantKey(other) === grantKey(site) || (wherever && site.topOrigin === undefined && other.origin === site.origin);
    await this.#session.set(withoutOnce(await this.#session.get(null), site.isPrivate, isMeant));
  }

  /** A Peer in the tab took this ID of the site without requesting it. */
  async lease(site: PlacedSite, id: string, tab: ShownTab): Promise<void> {
    await this.#change([tab], site.isPrivate, (record) => {
      const key = grantKey(site);
      const leases = record.leases[key] ?? [];
      if (leases.includes(id)) return record;
      return { ...record, leases: { ...record.leases, [key]: [...leases, id] } };
    });
  }

  /** Ends the leases of the site's IDs for which `isMeant` is true. Call it within a write. */
  async endLeases(site: PlacedSite, isMeant: (id: string) => boolean): Promise<void> {
    const session = await this.#session.get(null);
    await this.#session.set(withoutLeases(session, site.isPrivate, grantKey(site), isMeant));
  }

  /** An embedded site asks in this tab. Returns whether the record changed. */
  recordEmbedded(site: PlacedSite, tab: ShownTab): Promise<boolean> {
    return this.#recordSoon(tab, site.isPrivate, site);
  }

  /**
   * Creates the tab's record, for callers that store something elsewhere while the tab shows this origin. Returns
   * whether it is new.
   */
  recordTab(tab: ShownTab, isPrivate: boolean): Promise<boolean> {
    return this.#recordSoon(tab, isPrivate);
  }

  /** The tabs that have a record. */
  async tabsWithRecord(): Promise<number[]> {
    return tabRecords(await this.#session.get(null)).map(([key]) => tabIdOf(key));
  }

  /** The embedded sites that have asked in this tab. */
  async embeddedIn({ tabId, tabOrigin }: ShownTab): Promise<string[]> {
    const key = tabKey(tabId);
    const record = (await this.#session.get([key]))[key] as TabRecord | undefined;
    return record?.tabOrigin === tabOrigin ? record.embedded : [];
  }

  /** The tab shows this origin, or is closed (undefined). Returns whether that ended a record of the tab. */
  tabShows(tabId: number, tabOrigin: string | undefined): Promise<boolean> {
    return this.#writes.run(async () => {
      const key = tabKey(tabId);
      const record = (await this.#session.get([key]))[key] as TabRecord | undefined;
      const hasLeft = record !== undefined && record.tabOrigin !== tabOrigin;
      if (hasLeft) await this.#session.remove([key]);
      return hasLeft;
    });
  }

  /** Whether there are records that end with a tab or window. */
  async hasPassing(): Promise<boolean> {
    const keys = Object.keys(await this.#session.get(null));
    return keys.some((key) => PASSING_PREFIXES.some((prefix) => key.startsWith(prefix)));
  }

  /** The last private window was closed: forgets the records about private windows. */
  forgetPrivate(): Promise<void> {
    return this.#writes.run(async () => {
      const keys = Object.keys(await this.#session.get(null)).filter((key) => key.startsWith(PRIVATE_PREFIX));
      if (keys.length > 0) await this.#session.remove(keys);
    });
  }

  /**
   * Adds to the tab's queued note, or queues a new one. So many frames that ask at once cost the write queue only one
   * write.
   */
  #recordSoon(tab: ShownTab, isPrivate: boolean, embedded?: SiteName): Promise<boolean> {
    const key = `${tab.tabId} ${tab.tabOrigin}`;
    const queued = this.#queuedNotes.get(key);
    if (queued) {
      if (embedded) queued.embedded.push(embedded);
      return queued.written.then(() => false);
    }
    const note = { embedded: embedded ? [embedded] : [] };
    const end = (): void => {
      if (this.#queuedNotes.get(key)?.embedded === note.embedded) this.#queuedNotes.delete(key);
    };
    const written = this.#change([tab], isPrivate, (record) => {
      end();
      return note.embedded.reduce(withEmbedded, record);
    }).finally(end);
    this.#queuedNotes.set(key, { ...note, written });
    return written;
  }

  /** Returns whether anything was changed. */
  #change(tabs: readonly ShownTab[], isPrivate: boolean, change: (record: TabRecord) => TabRecord): Promise<boolean> {
    return this.#writes.run(async () => {
      const records = await this.#session.get(tabs.map(({ tabId }) => tabKey(tabId)));
      const changed = tabs.flatMap(({ tabId, tabOrigin }): [string, TabRecord][] => {
        const key = tabKey(tabId);
        const former = records[key] as TabRecord | undefined;
        const known = former?.tabOrigin === tabOrigin ? former : newTabRecord(tabOrigin, isPrivate);
        const record = change(known);
        return record === former ? [] : [[key, record]];
      });
      if (changed.length > 0) await this.#session.set(Object.fromEntries(changed));
      return changed.length > 0;
    });
  }
}
