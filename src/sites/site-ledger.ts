// Everything that is stored about sites: decisions, settings and persistent IDs. `tabs` has what ends with a tab, and what
// its caller must report. Records about private windows stay in the session store. All writes go through one queue.
import type {
  Admission,
  Conditions,
  Identity,
  NamedServer,
  SiteDocument,
  UsedServer,
} from '../protocol/control-messages';
import type { SiteSettings } from '../protocol/site-settings';
import type { Changes, Policy, SiteDecision } from '../protocol/ui-messages';
import { dismissalKeys, isMuted, keysForgivenByAnswer, withDismissal } from './decisions/dismissals';
import { decided, parseGrant } from './decisions/grant';
import {
  candidates,
  parseBook,
  recordWithout,
  recordWithReset,
  withBook,
  withIdentity,
  type IdentityBook,
  type IdentityWish,
} from './identities/identity-book';
import { managedSite, parseManaged } from './policy/managed-policy';
import { DEFAULT_POLICY } from './policy/policy';
import { PROMPT_PREFIX, recordKeys, type PlacedSite } from './records/record-keys';
import { checkMark, type MarkCheck } from './identities/site-mark';
import { parseSettings, permissionsIn } from './policy/site-settings';
import { applyChanges } from './records/apply-changes';
import type { Store, Stores } from './records/store';
import { TabLedger } from './decisions/tab-ledger';
import { NO_TAB, type ShownTab } from './decisions/tab-record';
import type { WriteQueue } from './records/write-queue';
import { readSiteView, type SiteInTab, type SiteView } from './site-view';

/** The mark that a document found in its storage at `lookedAt`, milliseconds since the epoch. */
export interface ShownInStorage {
  value: string | undefined;
  lookedAt: number;
}

export class SiteLedger {
  readonly #stores: Stores;
  readonly #now: () => number;
  readonly #writes: WriteQueue;
  readonly #defaults: Policy;
  /** What lasts as long as a tab or a private window. */
  readonly tabs: TabLedger;

  /** `writes`: the queue for all writes to these stores. `defaults`: the policy where the user has set nothing. */
  constructor(stores: Stores, now: () => number, writes: WriteQueue, defaults: Policy = DEFAULT_POLICY) {
    this.#stores = stores;
    this.#now = now;
    this.#writes = writes;
    this.#defaults = defaults;
    this.tabs = new TabLedger(stores.session, writes);
  }

  /** Reads without waiting for queued writes, so that an opening Peer does not wait for another Peer's lease. */
  view(at: SiteInTab): Promise<SiteView> {
    return readSiteView(this.#stores, at, this.#defaults);
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
      if (cleared.size > 0) await this.tabs.endLeases(site, (id) => cleared.has(id));
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
      if (decision !== 'allow') await this.tabs.endOnce(site, decision === 'block');
    });
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
      await this.tabs.endOnce(site, false);
      await this.tabs.endLeases(site, () => true);
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
      await this.tabs.endLeases(site, (leased) => leased === id);
    });
  }

  /** A Peer of the document took `identity`. `tab`: undefined if the tab has left the document's page. */
  async lease(document: SiteDocument, identity: Identity, named: boolean, tab?: ShownTab): Promise<void> {
    const { site } = document;
    const isKept = await this.#storeIdentity(document, identity, named);
    if (!isKept || named || !tab) return;
    await this.tabs.lease(site, identity.id, tab);
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

  async #forgetDismissals(site: PlacedSite): Promise<void> {
    await this.#stores.session.remove(dismissalKeys(site));
  }

  #storeOf(site: PlacedSite): Store {
    return site.isPrivate ? this.#stores.session : this.#stores.local;
  }
}
