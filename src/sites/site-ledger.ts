// Everything that is stored about sites: decisions, settings, persistent IDs, and the permissions of single tabs.
// Records about private windows stay in the session store. All writes go through one queue. The caller must report tab
// changes (`tabShows`) and the end of the last private window (`forgetPrivate`).
import type {
  Admission,
  Conditions,
  Identity,
  NamedServer,
  SiteDocument,
  UsedServer,
} from '../protocol/control-messages';
import type { SettingsInEffect, SiteSettings } from '../protocol/site-settings';
import type { Changes, Policy, SiteDecision, SiteName } from '../protocol/ui-messages';
import { dismissalKeys, dismissalsOf, isMuted, keysForgivenByAnswer, withDismissal } from './decisions/dismissals';
import { decided, parseGrant, withServer, type Standing } from './decisions/grant';
import {
  candidates,
  parseBook,
  recordWithout,
  recordWithReset,
  withBook,
  withIdentity,
  type IdentityBook,
  type IdentityWish,
  type Leases,
} from './identities/identity-book';
import { managedSite, parseManaged } from './policy/managed-policy';
import { isSelfTestSite, selfTestSite } from './decisions/self-test-site';
import { DEFAULT_POLICY, parsePolicy, POLICY_KEY, policyView } from './policy/policy';
import {
  grantKey,
  PRIVATE_PREFIX,
  PROMPT_PREFIX,
  recordKeys,
  TAB_PREFIX,
  type PlacedSite,
} from './records/record-keys';
import { checkMark, type MarkCheck } from './identities/site-mark';
import { parseSettings, permissionsIn, settingsInEffect } from './policy/site-settings';
import { applyChanges } from './records/apply-changes';
import type { Store, Stores } from './records/store';
import {
  newTabRecord,
  NO_TAB,
  tabIdOf,
  tabKey,
  tabRecords,
  withEmbedded,
  withoutLeases,
  withoutOnce,
  type ShownTab,
  type TabRecord,
} from './decisions/tab-record';
import type { WriteQueue } from './records/write-queue';

/** Everything that a decision needs, read at once. */
export interface SiteView extends Standing {
  settings: SiteSettings;
  inEffect: SettingsInEffect;
  /** The site's IDs are kept, and its Peers may get kept IDs. */
  keepsId: boolean;
  book: IdentityBook;
  leases: Leases;
  policy: Policy;
  /** Dismissals about the site itself, in this browser session. */
  dismissals: number;
  isMuted: boolean;
}

/** A site in a tab. */
export interface SiteInTab {
  site: PlacedSite;
  tabId: number;
  /** The document's mark, as in `SiteDocument`; absent if no particular document is meant. */
  mark?: string | null;
}

/** The mark that a document found in its storage at `lookedAt`, milliseconds since the epoch. */
export interface ShownInStorage {
  value: string | undefined;
  lookedAt: number;
}

interface QueuedNote {
  /** Embedded sites that have asked in this tab. */
  embedded: SiteName[];
  written: Promise<boolean>;
}

/** Records that end with a tab or window. Dismissals are not among them: they last for the session. */
const PASSING_PREFIXES = [TAB_PREFIX, PROMPT_PREFIX, PRIVATE_PREFIX];

export class SiteLedger {
  readonly #stores: Stores;
  readonly #now: () => number;
  readonly #writes: WriteQueue;
  readonly #defaults: Policy;
  /** Notes that wait to be written, by tab and origin. */
  readonly #queuedNotes = new Map<string, QueuedNote>();

  /** `writes`: the queue for all writes to these stores. `defaults`: the policy where the user has set nothing. */
  constructor(stores: Stores, now: () => number, writes: WriteQueue, defaults: Policy = DEFAULT_POLICY) {
    this.#stores = stores;
    this.#now = now;
    this.#writes = writes;
    this.#defaults = defaults;
  }

  /** Reads without waiting for queued writes, so that an opening Peer does not wait for another Peer's lease. */
  async view({ site, tabId, mark }: SiteInTab): Promise<SiteView> {
    const keys = recordKeys(site);
    const own = site.isPrivate ? [] : [keys.grant, keys.ownGrant, keys.identities, keys.settings];
    const [lasting, session, managedRecords] = await Promise.all([
      this.#stores.local.get([...own, POLICY_KEY]),
      this.#stores.session.get(null),
      this.#stores.managed.get(null),
    ]);
    const managed = parseManaged(managedRecords);
    const { policy } = policyView(parsePolicy(lasting[POLICY_KEY]), managed, this.#defaults);
    const ofSite = isSelfTestSite(site) ? selfTestSite(site, policy) : managedSite(managed, site);
    const records: Record<string, unknown> = site.isPrivate ? session : lasting;
    const tab = session[tabKey(tabId)] as TabRecord | undefined;
    const settings = { ...parseSettings(records[keys.settings]), ...ofSite?.settings };
    const inEffect = settingsInEffect(settings, policy);
    const book = parseBook(records[keys.identities], site.container);
    return {
      managed: ofSite,
      grant: parseGrant(records[keys.grant]),
      isBlockedEverywhere: site.topOrigin !== undefined && parseGrant(records[keys.ownGrant])?.decision === 'block',
      defaultDecision: policy.defaultDecision,
      onceServers: tab?.once[grantKey(site)],
      settings,
      inEffect,
      keepsId: inEffect.keepId && isOfBook(mark, book),
      book,
      leases: leasesOf(site, tabId, session),
      policy,
      dismissals: dismissalsOf(site, session),
      isMuted: isMuted(site, session),
    };
  }

  /** The admission of a Peer at the server that was decided about. */
  admission(view: SiteView, wish: IdentityWish, used: UsedServer): Admission {
    return { identities: this.identities(view, wish), ...used, ...this.conditions(view) };
  }

  /** The conditions for the site's connections. */
  conditions({ inEffect, policy, keepsId }: SiteView): Conditions {
    const { callRoute, relayedOnly, keepConnections } = inEffect;
    const { iceServers, iceServersMode, limits } = policy;
    return {
      ...(callRoute && { callRoute }),
      iceServers,
      iceServersMode,
      relayedOnly,
      allows: permissionsIn(inEffect),
      limits,
      ...(keepConnections && keepsId && { keepsConnections: true }),
    };
  }

  /** The IDs that a Peer of the site may have, best first. */
  identities({ book, leases, keepsId }: SiteView, wish: IdentityWish): Identity[] {
    return candidates(keepsId ? book : { anonymous: [], named: [] }, wish, leases);
  }

  /**
   * Compares the stored mark of the site with the mark that a document has shown, and stores a new mark. If the site's
   * data was cleared, also forgets its IDs and ends their leases. `book`: the site's book as read last.
   */
  async checkMark(site: PlacedSite, book: IdentityBook, { value, lookedAt }: ShownInStorage): Promise<MarkCheck> {
    const check = ({ mark }: IdentityBook): MarkCheck => checkMark(mark, value, lookedAt, this.#now());
    // Usually the mark is unchanged: return without waiting for queued writes.
    const first = check(book);
    if (first.mark === book.mark) return first;
    return this.#writes.run(async () => {
      const store = this.#storeOf(site);
      const { identities: key } = recordKeys(site);
      const record = (await store.get([key]))[key];
      const former = parseBook(record, site.container);
      const checked = check(former);
      if (checked.mark === former.mark) return checked;
      const kept = checked.isCleared ? { anonymous: [], named: [] } : former;
      await store.set({ [key]: withBook(record, site.container, { ...kept, mark: checked.mark }) });
      const cleared = new Set(checked.isCleared ? [...former.anonymous, ...former.named].map(({ id }) => id) : []);
      if (cleared.size > 0) await this.#endLeases(site, (id) => cleared.has(id));
      return checked;
    });
  }

  /**
   * Stores a decision. `server`: the server that the prompt named. Any decision but “allow” also ends permissions for
   * single tabs.
   */
  decide(site: PlacedSite, decision: SiteDecision, server?: NamedServer): Promise<void> {
    return this.#writes.run(async () => {
      const store = this.#storeOf(site);
      const { grant: key } = recordKeys(site);
      const former = parseGrant((await store.get([key]))[key]);
      await store.set({ [key]: decided(former, decision, server, this.#now()) });
      if (decision !== 'allow') await this.#endOnce(site, decision === 'block');
    });
  }

  /** Allows the site in these tabs until each tab leaves its present origin. */
  async allowOnce(site: PlacedSite, tabs: readonly ShownTab[], server?: NamedServer): Promise<void> {
    const key = grantKey(site);
    await this.#changeTabs(tabs, site.isPrivate, (record) => ({
      ...record,
      once: { ...record.once, [key]: withServer(record.once[key] ?? [], server) },
    }));
  }

  /** A prompt was closed or answered with “Block”. Returns true if this dismissal silences further prompts. */
  dismiss(site: PlacedSite): Promise<boolean> {
    return this.#writes.run(async () => {
      const session = await this.#stores.session.get(dismissalKeys(site));
      const counted = withDismissal(site, session);
      await this.#stores.session.set(counted);
      return isMuted(site, counted) && !isMuted(site, session);
    });
  }

  /**
   * Applies the user's choice in a prompt whether the site's IDs are kept. Stores a setting only if the choice differs
   * from the present state, so that a later change for all sites still applies to this site. Returns whether anything
   * changed.
   */
  async chooseKeepId(site: PlacedSite, keepId: boolean): Promise<boolean> {
    const { keepsId, managed } = await this.view({ site, tabId: NO_TAB });
    if (keepId === keepsId || managed?.settings.keepId !== undefined) return false;
    await this.changeSettings(site, { keepId });
    return true;
  }

  /** A prompt was answered in the site's favor: its earlier dismissals no longer count. */
  forgive(site: PlacedSite): Promise<void> {
    return this.#writes.run(() => this.#stores.session.remove(keysForgivenByAnswer(site)));
  }

  /**
   * The user has acted in a page of Peerport: allows prompts again for the site and for the sites that its page embeds.
   */
  askAgain(site: PlacedSite): Promise<void> {
    return this.#writes.run(() => this.#forgetDismissals(site));
  }

  /** Changes settings of the site's origin. Throws and changes nothing if an administrator has set one of them. */
  async changeSettings(site: PlacedSite, change: Changes<SiteSettings>): Promise<void> {
    const managed = managedSite(parseManaged(await this.#stores.managed.get(null)), site)?.settings ?? {};
    const refused = Object.keys(change).find((name) => Object.hasOwn(managed, name));
    if (refused !== undefined) throw new Error(`${refused}: set by an administrator for ${site.origin}`);
    await this.#writes.run(async () => {
      const store = this.#storeOf(site);
      const { settings: key } = recordKeys(site);
      const stored = parseSettings((await store.get([key]))[key]);
      const settings = parseSettings(applyChanges(stored, change));
      if (Object.keys(settings).length > 0) await store.set({ [key]: settings });
      else await store.remove([key]);
    });
  }

  /** Forgets all records of the site. Settings belong to the origin, so an embedded site's settings stay. */
  forget(site: PlacedSite): Promise<void> {
    return this.#writes.run(async () => {
      const { grant, identities, settings } = recordKeys(site);
      const isEmbedded = site.topOrigin !== undefined;
      await this.#storeOf(site).remove(isEmbedded ? [grant, identities] : [grant, identities, settings]);
      await this.#forgetDismissals(site);
      await this.#endOnce(site, false);
      await this.#endLeases(site, () => true);
    });
  }

  /** Forgets one ID of a site, so that no Peer gets it any more. */
  forgetIdentity(site: PlacedSite, id: string): Promise<void> {
    return this.#changeIdentity(site, id, recordWithout);
  }

  /** Replaces one ID of a site with a new one. */
  resetIdentity(site: PlacedSite, id: string): Promise<void> {
    return this.#changeIdentity(site, id, recordWithReset);
  }

  #changeIdentity(site: PlacedSite, id: string, change: typeof recordWithout): Promise<void> {
    return this.#writes.run(async () => {
      const store = this.#storeOf(site);
      const { identities: key } = recordKeys(site);
      const record = change((await store.get([key]))[key], id);
      if (record) await store.set({ [key]: record });
      else await store.remove([key]);
      await this.#endLeases(site, (leased) => leased === id);
    });
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
    return tabRecords(await this.#stores.session.get(null)).map(([key]) => tabIdOf(key));
  }

  /** The embedded sites that have asked in this tab. */
  async embeddedIn({ tabId, tabOrigin }: ShownTab): Promise<string[]> {
    const key = tabKey(tabId);
    const record = (await this.#stores.session.get([key]))[key] as TabRecord | undefined;
    return record?.tabOrigin === tabOrigin ? record.embedded : [];
  }

  /** A Peer of the document took `identity`. `tab`: undefined if the tab has left the document's page. */
  async lease(document: SiteDocument, identity: Identity, named: boolean, tab?: ShownTab): Promise<void> {
    const { site } = document;
    const isKept = await this.#storeIdentity(document, identity, named);
    if (!isKept || named || !tab) return;
    await this.#changeTabs([tab], site.isPrivate, (record) => {
      const key = grantKey(site);
      const leases = record.leases[key] ?? [];
      if (leases.includes(identity.id)) return record;
      return { ...record, leases: { ...record.leases, [key]: [...leases, identity.id] } };
    });
  }

  /** The tab shows this origin, or is closed (undefined). Returns whether that ended a record of the tab. */
  tabShows(tabId: number, tabOrigin: string | undefined): Promise<boolean> {
    return this.#writes.run(async () => {
      const key = tabKey(tabId);
      const record = (await this.#stores.session.get([key]))[key] as TabRecord | undefined;
      const hasLeft = record !== undefined && record.tabOrigin !== tabOrigin;
      if (hasLeft) await this.#stores.session.remove([key]);
      return hasLeft;
    });
  }

  /** Whether there are records that end with a tab or window. */
  async hasPassing(): Promise<boolean> {
    const keys = Object.keys(await this.#stores.session.get(null));
    return keys.some((key) => PASSING_PREFIXES.some((prefix) => key.startsWith(prefix)));
  }

  /** The last private window was closed: forgets the records about private windows. */
  forgetPrivate(): Promise<void> {
    return this.#writes.run(async () => {
      const keys = Object.keys(await this.#stores.session.get(null)).filter((key) => key.startsWith(PRIVATE_PREFIX));
      if (keys.length > 0) await this.#stores.session.remove(keys);
    });
  }

  /** Erases all records except open prompts. */
  erase(): Promise<void> {
    return this.#writes.run(async () => {
      const [local, session] = await Promise.all([this.#stores.local.get(null), this.#stores.session.get(null)]);
      await this.#stores.local.remove(Object.keys(local));
      await this.#stores.session.remove(Object.keys(session).filter((key) => !key.startsWith(PROMPT_PREFIX)));
    });
  }

  /** Stores the identity. Returns false if no ID may be kept for the document. */
  #storeIdentity(document: SiteDocument, identity: Identity, named: boolean): Promise<boolean> {
    const { site } = document;
    return this.#writes.run(async () => {
      const { keepsId, book, leases } = await this.view(document);
      if (!keepsId) return false;
      const changed = withIdentity(book, identity, named, leases);
      if (changed === book) return true;
      const store = this.#storeOf(site);
      const { identities: key } = recordKeys(site);
      await store.set({ [key]: withBook((await store.get([key]))[key], site.container, changed) });
      return true;
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
    const written = this.#changeTabs([tab], isPrivate, (record) => {
      end();
      return note.embedded.reduce(withEmbedded, record);
    }).finally(end);
    this.#queuedNotes.set(key, { ...note, written });
    return written;
  }

  /** Returns whether anything was changed. */
  #changeTabs(
    tabs: readonly ShownTab[],
    isPrivate: boolean,
    change: (record: TabRecord) => TabRecord,
  ): Promise<boolean> {
    return this.#writes.run(async () => {
      const records = await this.#stores.session.get(tabs.map(({ tabId }) => tabKey(tabId)));
      const changed = tabs.flatMap(({ tabId, tabOrigin }): [string, TabRecord][] => {
        const key = tabKey(tabId);
        const former = records[key] as TabRecord | undefined;
        const known = former?.tabOrigin === tabOrigin ? former : newTabRecord(tabOrigin, isPrivate);
        const record = change(known);
        return record === former ? [] : [[key, record]];
      });
      if (changed.length > 0) await this.#stores.session.set(Object.fromEntries(changed));
      return changed.length > 0;
    });
  }

  async #forgetDismissals(site: PlacedSite): Promise<void> {
    await this.#stores.session.remove(dismissalKeys(site));
  }

  /** `wherever`: also end the permissions of the origin embedded in other sites. */
  async #endOnce(site: PlacedSite, wherever: boolean): Promise<void> {
    const isMeant = (other: SiteName): boolean =>
      grantKey(other) === grantKey(site) || (wherever && site.topOrigin === undefined && other.origin === site.origin);
    await this.#stores.session.set(withoutOnce(await this.#stores.session.get(null), site.isPrivate, isMeant));
  }

  async #endLeases(site: PlacedSite, isMeant: (id: string) => boolean): Promise<void> {
    const session = await this.#stores.session.get(null);
    await this.#stores.session.set(withoutLeases(session, site.isPrivate, grantKey(site), isMeant));
  }

  #storeOf(site: PlacedSite): Store {
    return site.isPrivate ? this.#stores.session : this.#stores.local;
  }
}

/**
 * Whether a document may use the site's IDs: not if it has no storage (null), nor if the site's data was cleared since.
 */
function isOfBook(mark: string | null | undefined, book: IdentityBook): boolean {
  return mark === undefined || (mark !== null && (book.mark === undefined || book.mark.value === mark));
}

function leasesOf(site: PlacedSite, tabId: number, session: Record<string, unknown>): Leases {
  const elsewhere = new Set<string>();
  let own: string[] = [];
  for (const [key, { leases }] of tabRecords(session)) {
    const ids = leases[grantKey(site)] ?? [];
    if (key === tabKey(tabId)) own = ids;
    else for (const id of ids) elsewhere.add(id);
  }
  return { own, elsewhere };
}
