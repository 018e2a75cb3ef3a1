// The background's parts on top of a fake browser: stores, tabs and prompt windows in memory.
import { DiagnosticLog } from '../../../src/diagnostics/diagnostic-log';
import { AdmissionControl } from '../../../extension/background/admission';
import { Enforcement } from '../../../extension/background/enforcement';
import { Prompts } from '../../../extension/background/prompts';
import type { TabInfo } from '../../../extension/platform/tabs';
import { uiRequests } from '../../../extension/background/ui-requests';
import { Backups } from '../../../src/sites/backup';
import { parseManaged } from '../../../src/sites/policy/managed-policy';
import { DEFAULT_POLICY, PolicyBook } from '../../../src/sites/policy/policy';
import { PromptBook } from '../../../src/sites/decisions/prompt-book';
import { SiteLedger } from '../../../src/sites/site-ledger';
import { SiteLog } from '../../../src/sites/site-log';
import { WriteQueue } from '../../../src/sites/records/write-queue';
import type {
  ServedDocument,
  ConsentAnswer,
  HostRequest,
  SiteDocument,
  Verdict,
} from '../../../src/protocol/control-messages';
import type { PeerStart } from '../../../src/protocol/page-messages';
import { CLOUD_SERVER } from '../../../src/protocol/peer-server';
import { MemoryStore } from './memory-store';
import { FakePromptWindows } from './prompt-windows';
import { ORIGIN } from './site-documents';

export class FakeBackground {
  readonly local: MemoryStore;
  readonly session: MemoryStore;
  readonly managed: MemoryStore;
  readonly windows: FakePromptWindows;
  readonly tabs: Map<number, TabInfo>;
  readonly ledger: SiteLedger;
  readonly log: SiteLog;
  readonly enforcement: Enforcement;
  readonly ui: ReturnType<typeof uiRequests>;
  /** The documents that the host serves, and the verdicts that it got. */
  readonly attached: ServedDocument[] = [];
  readonly verdicts: Verdict[][] = [];
  readonly prompts: Prompts;
  readonly diagnosticLog = new DiagnosticLog(() => 42);
  readonly admission: AdmissionControl;
  readonly expected: Extract<HostRequest, { type: 'expect' }>[] = [];
  /** Tabs with stored data that ends with the tab. */
  readonly keptForTabs: number[] = [];
  /** Documents in which the user has not acted. */
  readonly unused = new Set<string>();
  waitings = 0;
  /** The number of times that documents were told of a decision. */
  decisions = 0;

  /** `former`: an ended background whose browser this one continues with. */
  constructor(former?: FakeBackground) {
    this.local = former?.local ?? new MemoryStore();
    this.session = former?.session ?? new MemoryStore();
    this.managed = former?.managed ?? new MemoryStore();
    this.windows = former?.windows ?? new FakePromptWindows();
    this.tabs = former?.tabs ?? new Map([1, 2, 3].map((id) => [id, tabInFront({ windowId: id * 10 })]));
    const { local, session, managed } = this;
    const writes = new WriteQueue();
    const now = (): number => 42;
    this.ledger = new SiteLedger({ local, session, managed }, now, writes);
    this.log = new SiteLog(local, now, writes);
    let prompts = former?.windows.opened.length ?? 0;
    this.prompts = new Prompts({
      book: new PromptBook(this.session),
      ledger: this.ledger,
      log: this.log,
      windows: this.windows,
      tabInfo: async (tabId) => this.tabs.get(tabId),
      createPromptId: () => `prompt-${++prompts}`,
      onWaiting: () => (this.waitings += 1),
      onDecided: () => (this.decisions += 1),
      diagnostics: this.diagnosticLog.logger('prompts'),
    });
    this.enforcement = new Enforcement({
      ledger: this.ledger,
      documents: async () => [...this.attached],
      enforce: async (verdicts) => void this.verdicts.push(verdicts),
      queue: new WriteQueue(),
    });
    this.ui = uiRequests({
      stores: { local, managed },
      defaults: DEFAULT_POLICY,
      ledger: this.ledger,
      policy: new PolicyBook(local, async () => parseManaged(await managed.get(null)), writes),
      log: this.log,
      backups: new Backups(local, now, writes),
      prompts: this.prompts,
      enforcement: this.enforcement,
      tabInfo: async (tabId) => this.tabs.get(tabId),
      isHostInTrouble: async () => false,
      testRelay: () => Promise.reject(new Error('not expected')),
      settingsLog: this.diagnosticLog.logger('settings'),
      diagnostics: () => Promise.reject(new Error('not expected')),
      onStoredForTab: (tabId) => void this.keptForTabs.push(tabId),
    });
    this.admission = new AdmissionControl({
      ledger: this.ledger,
      log: this.log,
      prompts: this.prompts,
      enforcement: this.enforcement,
      expect: async (message) => void this.expected.push(message),
      createTicket: () => `ticket-${this.expected.length + 1}`,
      now,
      tabInfo: async (tabId) => this.tabs.get(tabId),
      hasUserActed: async ({ documentId }) => !this.unused.has(documentId),
      onStoredForTab: (tabId) => void this.keptForTabs.push(tabId),
      diagnostics: this.diagnosticLog.logger('admission'),
    });
  }

  /** Asks for a Peer, and waits until its prompt is open. */
  async ask(document: SiteDocument, start = peerStart()) {
    const reply = this.admission.admit(document, start);
    await this.settled();
    return { reply };
  }

  /** The IDs of the open prompts. */
  get open(): string[] {
    return [...this.windows.shown.values()];
  }

  async answer(answer: ConsentAnswer, promptId = this.open[0]): Promise<boolean> {
    return promptId !== undefined && (await this.prompts.answer(promptId, answer));
  }

  /** Waits until all pending work is done. The fakes answer at once, so one turn of the event loop is enough. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The tab that the user is looking at. */
export function tabInFront(tab: Partial<TabInfo> = {}): TabInfo {
  return { windowId: 10, url: `${ORIGIN}/`, isPrivate: false, isInFront: true, hasFocus: true, ...tab };
}

export function peerStart(start: Partial<PeerStart> = {}): PeerStart {
  return { type: 'peer.start', peerKey: 1, epoch: 1, server: CLOUD_SERVER, pingInterval: 5000, config: {}, ...start };
}

export function privateStart(): PeerStart {
  return peerStart({ server: { host: '192.168.1.20', port: 9000, path: '/', key: 'peerjs', secure: false } });
}
