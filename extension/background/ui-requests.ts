// Answers the extension's own pages: supplies what they show, and carries out what the user decides there. A request that
// withdraws a permission is answered only after the live connections it concerns have ended.
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
  OwnIceServer,
  Policy,
  RelayTestResult,
  SiteDecision,
  SiteLogEntry,
  TabSite,
  UiRequest,
} from '../../src/protocol/ui-messages';
import type { TabInfo } from '../platform/tabs';
import type { BackgroundHandlers } from './allowed-senders';
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
  testRelay: (server: OwnIceServer) => Promise<RelayTestResult>;
  settingsLog: Logger<'settings'>;
  /** The text for a bug report. */
  diagnostics: () => Promise<string>;
  /** Called after storing a record that expires when this tab leaves its page. */
  onStoredForTab: (tabId: number) => void;
}

type UiHandlers = Pick<BackgroundHandlers, UiRequest['type']>;

const LOGGED: Record<SiteDecision, SiteLogEntry['what']> = { allow: 'allowed', block: 'blocked', ask: 'changed' };

/** One handler for each request. The parts below are in the order of the pages: panel, sites, settings, data. */
export function uiRequests(dependencies: UiDependencies) {
  return {
    ...views(dependencies),
    ...decisions(dependencies),
    ...siteChanges(dependencies),
    ...policyChanges(dependencies),
    ...dataTransfers(dependencies),
  } satisfies UiHandlers;
}

function views(dependencies: UiDependencies) {
  const { stores, defaults, ledger, prompts, tabInfo, isHostInTrouble, log } = dependencies;
  return {
    'ui.tab': async ({ tabId }) => {
      const tab = await tabInfo(tabId);
      const tabOrigin = webOriginOf(tab?.url);
      if (!tab || tabOrigin === undefined) return [];
      const embedded = await ledger.tabs.embeddedIn({ tabId, tabOrigin });
      const { isPrivate } = tab;
      return Promise.all(
        [{ origin: tabOrigin }, ...embedded.map(siteOfGrantKey)].map((site) =>
          tabSite(dependencies, { ...site, isPrivate }, tabId),
        ),
      );
    },
    'ui.sites': async () => {
      const [records, managedRecords] = await Promise.all([stores.local.get(null), stores.managed.get(null)]);
      return siteRows(records, managedRecords, defaults);
    },
    'ui.showPrompt': async ({ site, isPrivate }) => {
      await prompts.reveal({ ...site, isPrivate });
      return true;
    },
    'ui.hostTrouble': isHostInTrouble,
    'ui.log': () => log.all(),
    'ui.diagnostics': dependencies.diagnostics,
  } satisfies Partial<UiHandlers>;
}

function decisions(dependencies: UiDependencies) {
  const { ledger, log, tabInfo, onStoredForTab } = dependencies;
  return {
    'ui.decide': async ({ site, isPrivate, decision }) => {
      const placed = { ...site, isPrivate };
      await refuseIfManaged(ledger, placed);
      await ledger.decide(placed, decision);
      // After a block, the user does not want to be asked again.
      if (decision !== 'block') await ledger.askAgain(placed);
      await log.add(placed, LOGGED[decision]);
      return carryOut(dependencies);
    },
    'ui.allowForTab': async ({ site, isPrivate, tabId }) => {
      const placed = { ...site, isPrivate };
      await refuseIfManaged(ledger, placed);
      const tab = await tabInfo(tabId);
      const tabOrigin = webOriginOf(tab?.url);
      const isShown = tab?.isPrivate === isPrivate && tabOrigin === pageOriginOf(site);
      if (!isShown) throw new Error(`The tab no longer shows ${pageOriginOf(site)}.`);
      await ledger.tabs.allowOnce(placed, [{ tabId, tabOrigin }]);
      await ledger.askAgain(placed);
      onStoredForTab(tabId);
      await log.add(placed, 'allowed-for-tab');
      return carryOut(dependencies);
    },
  } satisfies Partial<UiHandlers>;
}

function siteChanges(dependencies: UiDependencies) {
  const { ledger, log } = dependencies;
  return {
    'ui.changeSettings': async ({ site, isPrivate, change }) => {
      await ledger.changeSettings({ ...site, isPrivate }, change);
      await log.add({ origin: site.origin, isPrivate }, 'changed');
      return carryOut(dependencies);
    },
    'ui.forgetSite': async ({ site, isPrivate }) => {
      const placed = { ...site, isPrivate };
      await ledger.forget(placed);
      await log.add(placed, 'forgotten');
      return carryOut(dependencies, ({ document }) =>
        isSameSite(document.site, placed) ? forgotten(document.site) : undefined,
      );
    },
    'ui.forgetIdentity': async ({ site, id }) => {
      const placed = { ...site, isPrivate: false };
      await ledger.forgetIdentity(placed, id);
      return endIdentity(dependencies, placed, id, forgotten);
    },
    'ui.resetIdentity': async ({ site, id }) => {
      const placed = { ...site, isPrivate: false };
      await ledger.resetIdentity(placed, id);
      return endIdentity(dependencies, placed, id, renamed);
    },
  } satisfies Partial<UiHandlers>;
}

function policyChanges(dependencies: UiDependencies) {
  const { policy, testRelay, settingsLog } = dependencies;
  return {
    'ui.policy': () => policy.view(),
    'ui.changePolicy': async ({ change }) => {
      await policy.change(change);
      settingsLog.info('policy-changed');
      return carryOut(dependencies);
    },
    'ui.testRelay': ({ server }) => testRelay(server),
  } satisfies Partial<UiHandlers>;
}

function dataTransfers(dependencies: UiDependencies) {
  const { backups, ledger, settingsLog } = dependencies;
  return {
    'ui.export': () => backups.export(),
    'ui.previewImport': ({ text }) => backups.preview(text),
    'ui.import': async ({ text }) => {
      const result = await backups.import(text);
      settingsLog.info(result.problem === undefined ? 'imported' : 'import-refused');
      if (result.problem === undefined) await carryOut(dependencies);
      return result;
    },
    'ui.erase': async () => {
      await ledger.erase();
      settingsLog.info('erased');
      return carryOut(dependencies, ({ document }) => forgotten(document.site));
    },
  } satisfies Partial<UiHandlers>;
}

async function tabSite({ ledger, prompts }: UiDependencies, site: PlacedSite, tabId: number): Promise<TabSite> {
  const [view, isWaiting] = await Promise.all([ledger.view({ site, tabId }), prompts.isWaiting(site)]);
  const { isPrivate, ...name } = site;
  return {
    ...siteRow(name, view),
    isPrivate,
    isAllowedForTab: view.onceServers !== undefined && !view.managed?.decision,
    dismissals: view.dismissals,
    isMuted: view.isMuted && decisionOf(view) === 'ask',
    isWaiting,
  };
}

async function refuseIfManaged(ledger: SiteLedger, site: PlacedSite): Promise<void> {
  const { managed } = await ledger.view({ site, tabId: NO_TAB });
  if (managed?.decision) throw new Error(`An administrator has decided about ${site.origin}.`);
}

/** Applies a stored change: first to the prompts, whose waiting documents read the decision, then to live connections. */
async function carryOut({ prompts, enforcement }: UiDependencies, ending?: Ending): Promise<true> {
  await prompts.review();
  await enforcement.review(ending);
  return true;
}

/** Ends the Peers that have an ID which the site has lost. `reason`: the error message for their pages. */
async function endIdentity(
  dependencies: UiDependencies,
  placed: PlacedSite,
  id: string,
  reason: (site: Site) => string,
): Promise<true> {
  await dependencies.log.add(placed, 'changed');
  // Ends each Peer with this ID, because a Peer leases its ID again whenever it registers.
  return carryOut(dependencies, ({ document, peerIds }) => {
    const { site } = document;
    return isSameSite(site, placed) && peerIds.includes(id) ? reason(site) : undefined;
  });
}

/** Undefined for a page in which Peerport's content script does not run. */
function webOriginOf(url: string | undefined): string | undefined {
  return url !== undefined && /^https?:/.test(url) ? new URL(url).origin : undefined;
}
