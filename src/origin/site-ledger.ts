// Everything that is kept about sites: decisions, persistent IDs, and what holds in a tab for this time. Of a private
// window everything stays in the session store; of an opaque origin only the permission of its document does.
import type { Admission, Identity, NamedServer, Site, SiteDocument } from '../protocol/control-messages';
import { decided, grantKey, parseGrant, withServer, type Grant, type Standing } from './grant';
import {
  candidates,
  parseBook,
  withIdentity,
  type IdentityBook,
  type IdentityWish,
  type Leases,
} from './identity-book';
import type { SiteSettings } from '../protocol/ui-messages';
import { parseSettings } from './site-settings';
import type { Store, Stores } from './store';
import { newTabRecord, tabKey, tabRecords, type TabRecord } from './tab-record';
import { TaskQueue } from './task-queue';

/** Everything a decision needs, read at once. */
export interface SiteView extends Standing {
  settings: SiteSettings;
  book: IdentityBook;
  leases: Leases;
}

/** A tab and the origin it shows. */
export interface ShownTab {
  tabId: number;
  tabOrigin: string;
}

const PRIVATE_PREFIX = 'private:';

export class SiteLedger {
  readonly #stores: Stores;
  readonly #now: () => number;
  readonly #writes = new TaskQueue();

  constructor(stores: Stores, now: () => number) {
    this.#stores = stores;
    this.#now = now;
  }

  /** Reads past the writes that wait: a Peer that opens must not queue behind another's lease. */
  async view({ site, tabId }: SiteDocument): Promise<SiteView> {
    const keys = recordKeys(site);
    const [lasting, session] = await Promise.all([
      site.isPrivate || site.isOpaque ? {} : this.#stores.local.get([keys.grant, keys.identities, keys.settings]),
      this.#stores.session.get(null),
    ]);
    const records: Record<string, unknown> = site.isPrivate ? session : lasting;
    const tab = session[tabKey(tabId)] as TabRecord | undefined;
    return {
      grant: parseGrant(records[keys.grant]),
      settings: parseSettings(records[keys.settings]),
      onceServers: tab?.once[grantKey(site)],
      book: parseBook(records[keys.identities]),
      leases: leasesOf(site, tabId, session),
    };
  }

  /** What a Peer of the site may have. */
  admission(site: Site, view: SiteView, wish: IdentityWish): Admission {
    return { identities: this.identities(site, view, wish), ...view.settings };
  }

  /** The IDs that a Peer of the site may have, best first. */
  identities(site: Site, { book, leases }: SiteView, wish: IdentityWish): Identity[] {
    if (site.isOpaque) return candidates({ anonymous: [], named: [] }, wish, leases);
    return candidates(book, wish, leases);
  }

  /** Keeps the answer to a prompt that named `server`. */
  decide(site: Site, decision: Grant['decision'], server: NamedServer): Promise<void> {
    return this.#writes.run(async () => {
      const store = this.#storeOf(site);
      const { grant: key } = recordKeys(site);
      const former = parseGrant((await store.get([key]))[key]);
      await store.set({ [key]: decided(former, decision, server, this.#now()) });
    });
  }

  /** Allows the site in these tabs until they leave the origin that they show. */
  allowOnce(site: Site, tabs: readonly ShownTab[], server: NamedServer): Promise<void> {
    return this.#changeTabs(tabs, (record) => {
      const key = grantKey(site);
      return { ...record, once: { ...record.once, [key]: withServer(record.once[key] ?? [], server) } };
    });
  }

  /** A Peer of the document took `identity`. `tab` is undefined where the tab has left the document's page. */
  async lease({ site, tabId }: SiteDocument, identity: Identity, named: boolean, tab?: ShownTab): Promise<void> {
    if (site.isOpaque) return;
    await this.#keepIdentity(site, tabId, identity, named);
    if (named || !tab) return;
    await this.#changeTabs([tab], (record) => {
      const leases = record.leases[site.origin] ?? [];
      if (leases.includes(identity.id)) return record;
      return { ...record, leases: { ...record.leases, [site.origin]: [...leases, identity.id] } };
    });
  }

  /** The tab shows this origin now, or (undefined) is closed. */
  tabShows(tabId: number, tabOrigin: string | undefined): Promise<void> {
    return this.#writes.run(async () => {
      const key = tabKey(tabId);
      const record = (await this.#stores.session.get([key]))[key] as TabRecord | undefined;
      if (record && record.tabOrigin !== tabOrigin) await this.#stores.session.remove([key]);
    });
  }

  /** Whether anything is kept that ends when a tab or window does. */
  async hasPassing(): Promise<boolean> {
    return Object.keys(await this.#stores.session.get(null)).length > 0;
  }

  /** The last private window was closed. */
  forgetPrivate(): Promise<void> {
    return this.#writes.run(async () => {
      const keys = Object.keys(await this.#stores.session.get(null)).filter((key) => key.startsWith(PRIVATE_PREFIX));
      if (keys.length > 0) await this.#stores.session.remove(keys);
    });
  }

  #keepIdentity(site: Site, tabId: number, identity: Identity, named: boolean): Promise<void> {
    return this.#writes.run(async () => {
      const store = this.#storeOf(site);
      const { identities: key } = recordKeys(site);
      const [records, session] = await Promise.all([store.get([key]), this.#stores.session.get(null)]);
      const book = parseBook(records[key]);
      const changed = withIdentity(book, identity, named, leasesOf(site, tabId, session));
      if (changed !== book) await store.set({ [key]: changed });
    });
  }

  #changeTabs(tabs: readonly ShownTab[], change: (record: TabRecord) => TabRecord): Promise<void> {
    return this.#writes.run(async () => {
      const records = await this.#stores.session.get(tabs.map(({ tabId }) => tabKey(tabId)));
      const changed = tabs.map(({ tabId, tabOrigin }): [string, TabRecord] => {
        const former = records[tabKey(tabId)] as TabRecord | undefined;
        return [tabKey(tabId), change(former?.tabOrigin === tabOrigin ? former : newTabRecord(tabOrigin))];
      });
      await this.#stores.session.set(Object.fromEntries(changed));
    });
  }

  #storeOf(site: Site): Store {
    return site.isPrivate ? this.#stores.session : this.#stores.local;
  }
}

function recordKeys(site: Site): { grant: string; identities: string; settings: string } {
  const prefix = site.isPrivate ? PRIVATE_PREFIX : '';
  return {
    grant: `${prefix}grant:${grantKey(site)}`,
    identities: `${prefix}identity:${site.origin}`,
    settings: `${prefix}settings:${site.origin}`,
  };
}

function leasesOf(site: Site, tabId: number, session: Record<string, unknown>): Leases {
  const elsewhere = new Set<string>();
  let own: string[] = [];
  for (const [key, { leases }] of tabRecords(session)) {
    const ids = leases[site.origin] ?? [];
    if (key === tabKey(tabId)) own = ids;
    else for (const id of ids) elsewhere.add(id);
  }
  return { own, elsewhere };
}
