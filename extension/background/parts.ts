// Builds the background's parts and connects them: what each needs from the others and from the browser.
import { request, type SendMessage } from '../../src/channel/control';
import { startContextLog } from '../../src/diagnostics/context-log';
import type { DiagnosticLog } from '../../src/diagnostics/diagnostic-log';
import { KEEPS_IDS } from '#platform/id-default';
import { randomHex } from '../../src/protocol/identity';
import type { Policy } from '../../src/protocol/ui-messages';
import { Backups } from '../../src/sites/backup';
import { PromptBook } from '../../src/sites/decisions/prompt-book';
import { parseManaged } from '../../src/sites/policy/managed-policy';
import { DEFAULT_POLICY, PolicyBook } from '../../src/sites/policy/policy';
import { MigratedStore } from '../../src/sites/records/migration';
import type { Stores } from '../../src/sites/records/store';
import { WriteQueue } from '../../src/sites/records/write-queue';
import { SiteLedger } from '../../src/sites/site-ledger';
import { SiteLog } from '../../src/sites/site-log';
import { showBadge } from '../platform/action';
import { loadTexts, text } from '../platform/i18n';
import { keepCookiesOut } from '../platform/request-rules';
import { runtime } from '../platform/runtime';
import { local, managed, session } from '../platform/storage';
import { askDocument, DepartureWatch, postToDocuments, tabInfo } from '../platform/tabs';
import { closeWindow, focusWindow, hasPrivateWindow, hasWindow, openPopup } from '../platform/windows';
import { AdmissionControl } from './admission';
import { Badge } from './badge';
import { Departures } from './departures';
import { describeDiagnostics } from './diagnostics';
import { announceDecision, hasUserActed } from './documents';
import { Enforcement } from './enforcement';
import { Host } from './host';
import { HostTrouble } from './host-trouble';
import { loggedStore } from './logged-store';
import { Prompts } from './prompts';

/** What differs between browsers: how the background and the engine host reach each other. */
export interface HostAccess {
  /** Rejects if no host runs. */
  sendToHost: SendMessage;
  openHost: () => Promise<void>;
  closeHost: () => Promise<void>;
}

/** All that is stored about sites. */
interface Records {
  stores: Stores;
  /** This browser's defaults for whatever the user has not set. */
  defaults: Policy;
  ledger: SiteLedger;
  log: SiteLog;
  policy: PolicyBook;
  backups: Backups;
}

export interface Parts extends Records {
  diagnosticLog: DiagnosticLog;
  host: Host;
  hostTrouble: HostTrouble;
  prompts: Prompts;
  departures: Departures;
  enforcement: Enforcement;
  admission: AdmissionControl;
  badge: Badge;
}

/** Fits text of the usual length. The page enlarges the window for longer text. */
const PROMPT_SIZE = { width: 440, height: 470 };

/** `promptUrl`: the prompts' page. Also starts to watch the tabs, so call it in the first turn of the background's script. */
export function createParts(access: HostAccess, promptUrl: string): Parts {
  const diagnosticLog = startContextLog(globalThis, 'background');
  const records = createRecords(diagnosticLog);
  const host = createHost(access, diagnosticLog);
  const { prompts, departures } = createPrompts({ ...records, host, diagnosticLog }, promptUrl);
  const enforcement = new Enforcement({
    ledger: records.ledger,
    documents: () => host.documents(),
    enforce: (verdicts) => host.enforce(verdicts),
    queue: new WriteQueue(),
  });
  const hostTrouble = new HostTrouble(records.stores.session);
  const parts = { ...records, diagnosticLog, host, hostTrouble, prompts, departures, enforcement };
  return { ...parts, admission: createAdmission(parts), badge: createBadge(records) };
}

function createRecords(diagnosticLog: DiagnosticLog): Records {
  const defaults = { ...DEFAULT_POLICY, keepId: KEEPS_IDS };
  const log = diagnosticLog.logger('storage');
  const stores = {
    local: new MigratedStore(loggedStore(local, 'local', log)),
    session: loggedStore(session, 'session', log),
    managed,
  };
  /** Serializes all writes to the stores. */
  const writes = new WriteQueue();
  return {
    stores,
    defaults,
    ledger: new SiteLedger(stores, Date.now, writes, defaults),
    log: new SiteLog(stores.local, Date.now, writes),
    policy: new PolicyBook(stores.local, async () => parseManaged(await managed.get(null)), writes, defaults),
    backups: new Backups(stores.local, Date.now, writes, defaults),
  };
}

function createHost({ sendToHost, openHost, closeHost }: HostAccess, diagnosticLog: DiagnosticLog): Host {
  return new Host({
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
}

/** The prompts end when their tabs leave, and the departures of tabs are watched while a prompt is open. */
function createPrompts(
  { stores, ledger, log, host, diagnosticLog }: Records & Pick<Parts, 'host' | 'diagnosticLog'>,
  promptUrl: string,
): Pick<Parts, 'prompts' | 'departures'> {
  const prompts = new Prompts({
    book: new PromptBook(stores.session),
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
  return { prompts, departures };
}

function createAdmission({
  ledger,
  log,
  prompts,
  enforcement,
  host,
  hostTrouble,
  departures,
  diagnosticLog,
}: Omit<Parts, 'admission' | 'badge'>): AdmissionControl {
  return new AdmissionControl({
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
}

function createBadge({ stores }: Records): Badge {
  return new Badge({
    session: stores.session,
    show: showBadge,
    texts: {
      idle: () => text('extensionName'),
      connections: (count) => text('badgeConnections', count),
      asking: () => text('badgeAsking'),
    },
    queue: new WriteQueue(),
  });
}

/** The text that the user copies into a bug report. */
export function diagnosticsOf({ diagnosticLog, host, hostTrouble, policy, stores, defaults }: Parts): Promise<string> {
  return describeDiagnostics({
    log: diagnosticLog,
    askHost: () => host.diagnostics(),
    isHostInTrouble: () => hostTrouble.isThere(),
    policy,
    managed: () => stores.managed.get(null),
    defaults,
    version: runtime.getManifest().version,
    userAgent: navigator.userAgent,
    now: Date.now,
  });
}
