// Wires up the background, in either browser. Registers every listener in the first turn: the browser wakes the background for
// an event, and delivers the event only to listeners that are registered by then.
import {
  isFromPage,
  request,
  serve,
  type ControlHandlers,
  type MessageEventSource,
  type SendMessage,
  type Sender,
} from '../../src/channel/control';
import { DiagnosticLog } from '../../src/diagnostics/diagnostic-log';
import { logUncaughtErrors } from '../../src/diagnostics/uncaught-errors';
import { KEEPS_IDS } from '#platform/id-default';
import { randomHex } from '../../src/protocol/identity';
import { parsePeerStart, problemOf } from '../../src/protocol/page-messages';
import type { Policy } from '../../src/protocol/ui-messages';
import { Backups } from '../../src/sites/backup';
import { parseManaged } from '../../src/sites/policy/managed-policy';
import { DEFAULT_POLICY, PolicyBook } from '../../src/sites/policy/policy';
import { PromptBook } from '../../src/sites/decisions/prompt-book';
import { SiteLedger } from '../../src/sites/site-ledger';
import { SiteLog } from '../../src/sites/site-log';
import { WriteQueue } from '../../src/sites/records/write-queue';
import { showBadge } from '../platform/action';
import { loadTexts, text } from '../platform/i18n';
import { runtime } from '../platform/runtime';
import { keepCookiesOut } from '../platform/request-rules';
import {
  closeStorageToContentScripts,
  local as localArea,
  managed,
  onManagedChange,
  onSessionChanged,
  session as sessionArea,
} from '../platform/storage';
import { askDocument, DepartureWatch, openTab, postToDocuments, tabInfo } from '../platform/tabs';
import { closeWindow, focusWindow, hasPrivateWindow, hasWindow, openPopup } from '../platform/windows';
import { AdmissionControl } from './admission';
import { Badge } from './badge';
import { notAPage, notAPeer } from './denials';
import { Departures } from './departures';
import { describeDiagnostics } from './diagnostics';
import { announceDecision, hasUserActed } from './documents';
import { Enforcement } from './enforcement';
import { Host } from './host';
import { HostTrouble } from './host-trouble';
import { idChoice, storeIdChoice } from './id-choice';
import { storeIdentity } from './identities';
import { loggedStore } from './logged-store';
import { PendingAttachments } from './pending-attachments';
import { Prompts } from './prompts';
import { isUserPage, siteDocument } from './sender';
import { parseMarkReport } from './site-marks';
import { UiRequests } from './ui-requests';
import { watchParked } from './waiting-links';
import { selfTestDocument, welcome } from './welcome';

/** What differs between browsers: how the background and the engine host reach each other. */
export interface Home {
  /** Rejects if no host runs. */
  sendToHost: SendMessage;
  /** The channels on which requests arrive. */
  sources: MessageEventSource[];
  openHost: () => Promise<void>;
  closeHost: () => Promise<void>;
  /** The engine host's page. */
  hostUrl: string;
}

const welcomeUrl = runtime.getURL('extension/welcome/index.html');
const promptUrl = runtime.getURL('extension/prompt/index.html');
/** Fits text of the usual length. The page enlarges the window for longer text. */
const PROMPT_SIZE = { width: 440, height: 470 };

/** This browser's defaults for whatever the user has not set. */
const defaults: Policy = { ...DEFAULT_POLICY, keepId: KEEPS_IDS };

/** Call it in the first turn of the background's script. */
export function startBackground({ sendToHost, sources, openHost, closeHost, hostUrl }: Home): void {
  const diagnosticLog = new DiagnosticLog(Date.now);
  const backgroundLog = diagnosticLog.logger('background');
  logUncaughtErrors(globalThis, backgroundLog);
  backgroundLog.info('started');
  const storageLog = diagnosticLog.logger('storage');
  const local = loggedStore(localArea, 'local', storageLog);
  const session = loggedStore(sessionArea, 'session', storageLog);
  const stores = { local, session, managed };
  /** Serializes all writes to the stores. */
  const writes = new WriteQueue();
  const ledger = new SiteLedger(stores, Date.now, writes, defaults);
  const log = new SiteLog(local, Date.now, writes);
  const prompts = new Prompts({
    book: new PromptBook(session),
    ledger,
    log,
    windows: {
      open: (promptId, over, hasFocus) => {
        loadTexts();
        return openPopup(`${promptUrl}?id=${promptId}`, PROMPT_SIZE, over, hasFocus);
      },
      has: hasWindow,
      focus: focusWindow,
      close: closeWindow,
    },
    tabInfo,
    createPromptId: () => crypto.randomUUID(),
    onWaiting: () => departures.expect(),
    onDecided: () => void announceDecision(ledger, postToDocuments),
    diagnostics: diagnosticLog.logger('prompts'),
  });
  const departures = new Departures({
    ledger,
    prompts,
    onLeft: (tabId) => host.leaveTab(tabId),
    createWatch: (listeners) => new DepartureWatch(listeners),
    tabInfo,
    hasPrivateWindow,
  });
  const host = new Host({
    send: (message) => request(sendToHost, message),
    open: async () => {
      // Must hold before the host sends its first request to a server.
      await keepCookiesOut();
      await openHost();
    },
    close: closeHost,
    now: Date.now,
    log: diagnosticLog.logger('host-life'),
  });
  const hostTrouble = new HostTrouble(session);
  const enforcement = new Enforcement({
    ledger,
    documents: () => host.documents(),
    enforce: (verdicts) => host.enforce(verdicts),
    queue: new WriteQueue(),
  });
  const admission = new AdmissionControl({
    ledger,
    log,
    prompts,
    enforcement,
    expect: (message) => hostTrouble.watch(host.expect(message)),
    createTicket: randomHex,
    now: Date.now,
    tabInfo,
    hasUserActed: ({ tabId, documentId }) => hasUserActed(tabId, documentId, askDocument),
    onStoredForTab: (tabId) => void departures.expectFor(tabId),
    diagnostics: diagnosticLog.logger('admission'),
  });
  const attachments = new PendingAttachments();
  const policy = new PolicyBook(local, async () => parseManaged(await managed.get(null)), writes, defaults);
  const uiRequests = new UiRequests({
    stores,
    defaults,
    ledger,
    policy,
    log,
    backups: new Backups(local, Date.now, writes, defaults),
    prompts,
    enforcement,
    tabInfo,
    isHostInTrouble: () => hostTrouble.isThere(),
    testRelay: (server) => hostTrouble.watch(host.testRelay(server)),
    settingsLog: diagnosticLog.logger('settings'),
    diagnostics: () =>
      describeDiagnostics({
        log: diagnosticLog,
        askHost: () => host.diagnostics(),
        isHostInTrouble: () => hostTrouble.isThere(),
        policy,
        managed: () => managed.get(null),
        defaults,
        version: runtime.getManifest().version,
        userAgent: navigator.userAgent,
        now: Date.now,
      }),
    onStoredForTab: (tabId) => void departures.expectFor(tabId),
  });

  onManagedChange(() => {
    backgroundLog.info('managed-policy-changed');
    void prompts.review().then(() => enforcement.review());
  });

  runtime.onInstalled.addListener(({ reason }) => {
    backgroundLog.info('installed', { installation: reason });
    loadTexts();
    void welcome({ local, welcomeUrl, openTab }, reason);
  });

  const badge = new Badge({
    session,
    show: showBadge,
    texts: {
      idle: () => text('extensionName'),
      connections: (count) => text('badgeConnections', count),
      asking: () => text('badgeAsking'),
    },
    queue: new WriteQueue(),
  });

  onSessionChanged((changes) => void badge.storeChanged(changes));

  // For whoever inspects the background: `peerportBackgroundLog()` in its console. docs/logging.md.
  Object.assign(globalThis, { peerportBackgroundLog: () => diagnosticLog.read().entries });

  /** Throws, which rejects the request, unless the sender is a page in which the user decides. */
  function ui(sender: Sender): UiRequests {
    if (!isUserPage(sender, runtime.id, location.origin))
      throw new Error('Only Peerport’s own pages may send this request.');
    return uiRequests;
  }

  const handlers: ControlHandlers<'background'> = {
    // Not async: an async function would retain the whole message, however large, for as long as the prompt is open.
    attach: ({ start: claimed, mark, ancestors, hasUserActed }, sender) => {
      const document = siteDocument(sender, runtime.id, ancestors) ?? selfTestDocument(sender, runtime.id, welcomeUrl);
      if (!document) return Promise.resolve({ status: 'denied', message: notAPage() });
      const start = parsePeerStart(claimed);
      if (!start) return Promise.resolve({ status: 'denied', message: notAPeer(problemOf(claimed).message) });
      const report = parseMarkReport(mark);
      const hasActed = hasUserActed === true;
      return attachments.run(document.documentId, () => admission.attach(document, start, report, hasActed));
    },
    admit: async ({ document, start }, sender) => {
      onlyFrom(hostUrl, sender);
      return admission.admit(document, start);
    },
    'identity.leased': async ({ document, identity, named }, sender) => {
      onlyFrom(hostUrl, sender);
      await storeIdentity(
        { ledger, tabInfo, onLease: (tabId) => void departures.expectFor(tabId) },
        document,
        identity,
        named,
      );
      return true;
    },
    'host.idle': async (_request, sender) => {
      onlyFrom(hostUrl, sender);
      await host.closeIfIdle();
      return true;
    },
    'host.connections': async ({ tabs }, sender) => {
      onlyFrom(hostUrl, sender);
      await badge.connectionsChanged(tabs);
      return true;
    },
    'host.waiting': async ({ document }, sender) => {
      onlyFrom(hostUrl, sender);
      const onStored = (tabId: number): Promise<void> => departures.expectFor(tabId);
      await watchParked({ ledger, tabInfo, onStored, leaveTab: (tabId) => host.leaveTab(tabId) }, document);
      return true;
    },
    'prompt.describe': async ({ promptId }, sender) => {
      onlyFrom(promptUrl, sender);
      const prompt = await prompts.describe(promptId, sender.tab?.windowId);
      return prompt && { ...prompt, keepId: await idChoice(ledger, prompt.site) };
    },
    'prompt.answer': async ({ promptId, answer, keepId }, sender) => {
      onlyFrom(promptUrl, sender);
      const prompt = await prompts.describe(promptId, sender.tab?.windowId);
      const hasIdChoiceChanged = prompt !== null && (await storeIdChoice(ledger, prompt.site, answer, keepId));
      const isNeeded = await prompts.answer(promptId, answer);
      // A block also ends what was allowed this time in other tabs, and settles prompts about the site where it is embedded.
      if (answer === 'block') await prompts.review();
      if (answer === 'block' || hasIdChoiceChanged) await enforcement.review();
      return isNeeded;
    },
    'ui.tab': async (request, sender) => ui(sender)['ui.tab'](request),
    'ui.sites': async (_request, sender) => ui(sender)['ui.sites'](),
    'ui.decide': async (request, sender) => ui(sender)['ui.decide'](request),
    'ui.allowForTab': async (request, sender) => ui(sender)['ui.allowForTab'](request),
    'ui.showPrompt': async (request, sender) => ui(sender)['ui.showPrompt'](request),
    'ui.changeSettings': async (request, sender) => ui(sender)['ui.changeSettings'](request),
    'ui.forgetSite': async (request, sender) => ui(sender)['ui.forgetSite'](request),
    'ui.forgetIdentity': async (request, sender) => ui(sender)['ui.forgetIdentity'](request),
    'ui.resetIdentity': async (request, sender) => ui(sender)['ui.resetIdentity'](request),
    'ui.hostTrouble': async (_request, sender) => ui(sender)['ui.hostTrouble'](),
    'ui.policy': async (_request, sender) => ui(sender)['ui.policy'](),
    'ui.changePolicy': async (request, sender) => ui(sender)['ui.changePolicy'](request),
    'ui.testRelay': async (request, sender) => ui(sender)['ui.testRelay'](request),
    'ui.log': async (_request, sender) => ui(sender)['ui.log'](),
    'ui.diagnostics': async (_request, sender) => ui(sender)['ui.diagnostics'](),
    'ui.export': async (_request, sender) => ui(sender)['ui.export'](),
    'ui.previewImport': async (request, sender) => ui(sender)['ui.previewImport'](request),
    'ui.import': async (request, sender) => ui(sender)['ui.import'](request),
    'ui.erase': async (_request, sender) => ui(sender)['ui.erase'](),
  };
  for (const source of sources) serve(source, 'background', handlers);

  void closeStorageToContentScripts();
}

/** Throws, which rejects the request, unless the sender is the page at `pageUrl`. */
function onlyFrom(pageUrl: string, sender: Sender): void {
  if (!isFromPage(sender, runtime.id, pageUrl)) throw new Error(`Only ${pageUrl} may send this request.`);
}
