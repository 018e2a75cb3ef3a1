// Answers the requests of the extension's own pages: supplies what they show, and carries out what the user decides there. A
// request that withdraws a permission is answered only after the live connections it concerns have ended. The caller must
// have checked that the sender is one of these pages.
import type { Logger } from '../../src/diagnostics/diagnostic-log';
import type { Site } from '../../src/protocol/control-messages';
import type { PolicyBook } from '../../src/sites/policy/policy';
import type { Backups } from '../../src/sites/backup';
import { decisionOf } from '../../src/sites/decisions/grant';
import { siteOfGrantKey, type PlacedSite } from '../../src/sites/records/record-keys';
import type { SiteLedger } from '../../src/sites/site-ledger';
import type { SiteLog } from '../../src/sites/site-log';
import { siteRow, siteRows } from '../../src/sites/site-table';
import type { Stores } from '../../src/sites/records/store';
import { NO_TAB, pageOriginOf } from '../../src/sites/decisions/tab-record';
import { isSameSite } from '../../src/protocol/same-site';
import type {
  LogEntry,
  OwnIceServer,
  Policy,
  RelayTrial,
  SiteDecision,
  SiteLogEntry,
  SiteRow,
  TabSite,
  UiReplyTo,
  UiRequest,
} from '../../src/protocol/ui-messages';
import type { TabInfo } from '../platform/tabs';
import { forgotten, renamed } from './denials';
import type { Ending, Enforcement } from './enforcement';
import type { Prompts } from './prompts';

export interface UiDependencies {
  stores: Pick<Stores, 'local' | 'managed'>;
  /** The defaults for whatever the user has not set. */
  defaults: Policy;
  ledger: SiteLedger;
  policy: PolicyBook;
  log: SiteLog;
  backups: Backups;
  prompts: Pick<Prompts, 'isWaiting' | 'reveal' | 'review'>;
  enforcement: Pick<Enforcement, 'review'>;
  tabInfo: (tabId: number) => Promise<TabInfo | undefined>;
  isHostInTrouble: () => Promise<boolean>;
  testRelay: (server: OwnIceServer) => Promise<RelayTrial>;
  settingsLog: Logger<'settings'>;
  /** The text for a bug report. */
  diagnostics: () => Promise<string>;
  /** Called after storing a record that expires when this tab leaves its page. */
  onStoredForTab: (tabId: number) => void;
}

type Request<Type extends UiRequest['type']> = Extract<UiRequest, { type: Type }>;

type UiHandlers = {
  [Type in UiRequest['type']]: (request: Request<Type>) => Promise<UiReplyTo[Type]>;
};

const LOGGED: Record<SiteDecision, SiteLogEntry['what']> = { allow: 'allowed', block: 'blocked', ask: 'changed' };

export class UiRequests implements UiHandlers {
  readonly #dependencies: UiDependencies;

  constructor(dependencies: UiDependencies) {
    this.#dependencies = dependencies;
  }

  async 'ui.tab'({ tabId }: Request<'ui.tab'>): Promise<TabSite[]> {
    const { tabInfo, ledger } = this.#dependencies;
    const tab = await tabInfo(tabId);
    const tabOrigin = webOriginOf(tab?.url);
    if (!tab || tabOrigin === undefined) return [];
    const embedded = await ledger.embeddedIn({ tabId, tabOrigin });
    const { isPrivate } = tab;
    return Promise.all(
      [{ origin: tabOrigin }, ...embedded.map(siteOfGrantKey)].map((site) =>
        this.#tabSite({ ...site, isPrivate }, tabId),
      ),
    );
  }

  async 'ui.sites'(): Promise<SiteRow[]> {
    const { stores, defaults } = this.#dependencies;
    const [records, managedRecords] = await Promise.all([stores.local.get(null), stores.managed.get(null)]);
    return siteRows(records, managedRecords, defaults);
  }

  async 'ui.decide'({ site, isPrivate, decision }: Request<'ui.decide'>): Promise<true> {
    const { ledger, log } = this.#dependencies;
    const placed = { ...site, isPrivate };
    await this.#refuseIfManaged(placed);
    await ledger.decide(placed, decision);
    // After a block, the user does not want to be asked again.
    if (decision !== 'block') await ledger.askAgain(placed);
    await log.add(placed, LOGGED[decision]);
    return this.#carryOut();
  }

  async 'ui.allowForTab'({ site, isPrivate, tabId }: Request<'ui.allowForTab'>): Promise<true> {
    const { ledger, log, tabInfo, onStoredForTab } = this.#dependencies;
    const placed = { ...site, isPrivate };
    await this.#refuseIfManaged(placed);
    const tab = await tabInfo(tabId);
    const tabOrigin = webOriginOf(tab?.url);
    const isShown = tab?.isPrivate === isPrivate && tabOrigin === pageOriginOf(site);
    if (!isShown) throw new Error(`The tab no longer shows ${pageOriginOf(site)}.`);
    await ledger.allowOnce(placed, [{ tabId, tabOrigin }]);
    await ledger.askAgain(placed);
    onStoredForTab(tabId);
    await log.add(placed, 'allowed-for-tab');
    return this.#carryOut();
  }

  async 'ui.showPrompt'({ site, isPrivate }: Request<'ui.showPrompt'>): Promise<true> {
    await this.#dependencies.prompts.reveal({ ...site, isPrivate });
    return true;
  }

  async 'ui.changeSettings'({ site, isPrivate, change }: Request<'ui.changeSettings'>): Promise<true> {
    const { ledger, log } = this.#dependencies;
    await ledger.changeSettings({ ...site, isPrivate }, change);
    await log.add({ origin: site.origin, isPrivate }, 'changed');
    return this.#carryOut();
  }

  async 'ui.forgetSite'({ site, isPrivate }: Request<'ui.forgetSite'>): Promise<true> {
    const { ledger, log } = this.#dependencies;
    const placed = { ...site, isPrivate };
    await ledger.forget(placed);
    await log.add(placed, 'forgotten');
    return this.#carryOut(({ document }) => (isSameSite(document.site, placed) ? forgotten(document.site) : undefined));
  }

  async 'ui.forgetIdentity'({ site, id }: Request<'ui.forgetIdentity'>): Promise<true> {
    const placed = { ...site, isPrivate: false };
    await this.#dependencies.ledger.forgetIdentity(placed, id);
    return this.#endIdentity(placed, id, forgotten);
  }

  async 'ui.resetIdentity'({ site, id }: Request<'ui.resetIdentity'>): Promise<true> {
    const placed = { ...site, isPrivate: false };
    await this.#dependencies.ledger.resetIdentity(placed, id);
    return this.#endIdentity(placed, id, renamed);
  }

  'ui.hostTrouble'(): Promise<boolean> {
    return this.#dependencies.isHostInTrouble();
  }

  'ui.policy'(): Promise<UiReplyTo['ui.policy']> {
    return this.#dependencies.policy.view();
  }

  async 'ui.changePolicy'({ change }: Request<'ui.changePolicy'>): Promise<true> {
    await this.#dependencies.policy.change(change);
    this.#dependencies.settingsLog.info('policy-changed');
    return this.#carryOut();
  }

  'ui.testRelay'({ server }: Request<'ui.testRelay'>): Promise<RelayTrial> {
    return this.#dependencies.testRelay(server);
  }

  'ui.log'(): Promise<LogEntry[]> {
    return this.#dependencies.log.all();
  }

  'ui.diagnostics'(): Promise<string> {
    return this.#dependencies.diagnostics();
  }

  'ui.export'(): Promise<string> {
    return this.#dependencies.backups.export();
  }

  'ui.previewImport'({ text }: Request<'ui.previewImport'>): Promise<UiReplyTo['ui.previewImport']> {
    return this.#dependencies.backups.preview(text);
  }

  async 'ui.import'({ text }: Request<'ui.import'>): Promise<{ problem?: string }> {
    const result = await this.#dependencies.backups.import(text);
    this.#dependencies.settingsLog.info(result.problem === undefined ? 'imported' : 'import-refused');
    if (result.problem === undefined) await this.#carryOut();
    return result;
  }

  async 'ui.erase'(): Promise<true> {
    await this.#dependencies.ledger.erase();
    this.#dependencies.settingsLog.info('erased');
    return this.#carryOut(({ document }) => forgotten(document.site));
  }

  async #tabSite(site: PlacedSite, tabId: number): Promise<TabSite> {
    const { ledger, prompts } = this.#dependencies;
    const [view, isWaiting] = await Promise.all([ledger.view({ site, tabId }), prompts.isWaiting(site)]);
    const { isPrivate, ...name } = site;
    return {
      ...siteRow(name, view),
      isPrivate,
      keepsLinks: ledger.conditions(view).keepsLinks === true,
      isAllowedForTab: view.onceServers !== undefined && !view.managed?.decision,
      dismissals: view.dismissals,
      isMuted: view.isMuted && decisionOf(view) === 'ask',
      isWaiting,
    };
  }

  async #refuseIfManaged(site: PlacedSite): Promise<void> {
    const { managed } = await this.#dependencies.ledger.view({ site, tabId: NO_TAB });
    if (managed?.decision) throw new Error(`An administrator has decided about ${site.origin}.`);
  }

  /** Applies a stored change: first to the prompts, whose waiting documents read the decision, then to live connections. */
  async #carryOut(ending?: Ending): Promise<true> {
    const { prompts, enforcement } = this.#dependencies;
    await prompts.review();
    await enforcement.review(ending);
    return true;
  }

  /** Ends the Peers that have an ID which the site has lost. `reason`: the error message for their pages. */
  async #endIdentity(placed: PlacedSite, id: string, reason: (site: Site) => string): Promise<true> {
    await this.#dependencies.log.add(placed, 'changed');
    // A Peer that still has the ID would store it again at its next registration.
    return this.#carryOut(({ document, peerIds }) => {
      const { site } = document;
      return isSameSite(site, placed) && peerIds.includes(id) ? reason(site) : undefined;
    });
  }
}

/** Undefined for a page in which Peerport's content script does not run. */
function webOriginOf(url: string | undefined): string | undefined {
  return url !== undefined && /^https?:/.test(url) ? new URL(url).origin : undefined;
}
