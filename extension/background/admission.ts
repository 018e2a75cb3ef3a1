// Admits or denies each Peer, by an earlier decision or by asking the user. The first Peer of a document comes with `attach`,
// every further one with `admit`. The page's server options are parsed here, once; consent and the host use the resulting
// address and nothing else.
//
// The user is asked only while the tab is in front and, about a frame of another site, only after they have clicked or typed
// in that frame: only a site that the user sees and uses may ask. An earlier decision applies without these conditions.
import type { Logger } from '../../src/diagnostics/diagnostic-log';
import type {
  AdmitReply,
  AttachReply,
  Denial,
  HostRequest,
  MarkReport,
  SiteDocument,
  UsedServer,
} from '../../src/protocol/control-messages';
import type { PeerStart } from '../../src/protocol/page-messages';
import { parseServerOptions } from '../../src/protocol/peer-server';
import { decide } from '../../src/sites/decisions/grant';
import { isMixedContent } from '../../src/sites/servers/mixed-content';
import { nameServer } from '../../src/sites/servers/named-server';
import type { SiteLedger } from '../../src/sites/site-ledger';
import type { SiteView } from '../../src/sites/site-view';
import type { SiteLog } from '../../src/sites/site-log';
import { MAX_ANCESTORS } from '../../src/sites/records/site-schema';
import { pageOriginOf } from '../../src/sites/decisions/tab-record';
import { usedServer } from '../../src/sites/servers/used-server';
import type { TabInfo } from '../platform/tabs';
import {
  crowded,
  denied,
  dismissed,
  hostFailed,
  mixedContent,
  muted,
  nestedTooDeep,
  noServer,
  notAsked,
  notYetAsked,
  opaque,
} from './denials';
import type { Enforcement } from './enforcement';
import type { Prompts } from './prompts';
import { markDocument } from './site-marks';

export interface AdmissionDependencies {
  ledger: SiteLedger;
  log: Pick<SiteLog, 'add'>;
  prompts: Pick<Prompts, 'ask' | 'isWaitingIn'>;
  enforcement: Pick<Enforcement, 'count' | 'review'>;
  expect: (message: Extract<HostRequest, { type: 'expect' }>) => Promise<void>;
  createTicket: () => string;
  /** Milliseconds since the epoch. */
  now: () => number;
  tabInfo: (tabId: number) => Promise<TabInfo | undefined>;
  /** Whether the user has clicked or typed in the document, as its content script reports. */
  hasUserActed: (document: SiteDocument) => Promise<boolean>;
  /** Called after storing a record that expires when this tab leaves its page. */
  onStoredForTab: (tabId: number) => void;
  diagnostics: Logger<'admission'>;
}

type Decision = { status: 'allowed'; view: SiteView; used: UsedServer } | { status: 'not-yet' } | Denial;

export class AdmissionControl {
  readonly #dependencies: AdmissionDependencies;

  constructor(dependencies: AdmissionDependencies) {
    this.#dependencies = dependencies;
  }

  /** `report`: the mark that the content script has just read from the site's storage; `hasUserActed`: as in the request. */
  async attach(
    sender: SiteDocument,
    start: PeerStart,
    report: MarkReport,
    hasUserActed: boolean,
  ): Promise<AttachReply> {
    const { ledger, enforcement, expect, createTicket, now } = this.#dependencies;
    const reviewsBefore = enforcement.count;
    const lookedAt = now();
    const decision = await this.#decide(sender, start, async () => hasUserActed);
    this.#record(sender, decision);
    if (decision.status !== 'allowed') return decision;
    const { document, view, mark } = await markDocument(this.#dependencies, sender, decision.view, report, lookedAt);
    const ticket = createTicket();
    const admission = ledger.admission(view, start, decision.used);
    try {
      await expect({ to: 'host', type: 'expect', ticket, document, start, admission });
    } catch (cause) {
      this.#dependencies.diagnostics.error('host-failed', { site: document.site, error: cause });
      return { status: 'failed', message: hostFailed(cause) };
    }
    // A review that ran before the host knew of this document has missed it: repeat it.
    if (enforcement.count !== reviewsBefore) await enforcement.review();
    return { status: 'admitted', ticket, ...(mark !== undefined && { mark }) };
  }

  async admit(document: SiteDocument, start: PeerStart): Promise<AdmitReply> {
    const { hasUserActed } = this.#dependencies;
    const decision = await this.#decide(document, start, () => hasUserActed(document));
    this.#record(document, decision);
    // An attached page can construct another Peer later, so a further Peer is denied instead of waiting.
    if (decision.status === 'not-yet') return { status: 'denied', message: notYetAsked(document.site) };
    if (decision.status === 'denied') return decision;
    const { view, used } = decision;
    return { status: 'admitted', admission: this.#dependencies.ledger.admission(view, start, used) };
  }

  async #decide(document: SiteDocument, start: PeerStart, hasUserActed: () => Promise<boolean>): Promise<Decision> {
    const { ledger, prompts } = this.#dependencies;
    const { site } = document;
    if (site.isOpaque) return { status: 'denied', message: opaque() };
    if ((site.ancestors?.length ?? 0) > MAX_ANCESTORS) return { status: 'denied', message: nestedTooDeep() };
    const parsed = parseServerOptions(start.server);
    if ('problem' in parsed) {
      return { status: 'denied', errorType: 'server-error', message: noServer(parsed.problem) };
    }
    void this.#recordEmbedded(document);
    let isTabRecorded = false;
    // An answer may concern another server of the site, or only another tab: decide again after each answer.
    for (;;) {
      const view = await ledger.view(document);
      const used = usedServer(parsed.server, view.policy);
      const server = nameServer(used.server);
      // The user's own server may be unencrypted: the user chose it, not the page.
      if (!used.isOwnServer && isMixedContent(site, server)) {
        return { status: 'denied', errorType: 'server-error', message: mixedContent(server) };
      }
      const decision = decide(view, site, server);
      if (decision === 'allow') return { status: 'allowed', view, used };
      if (decision === 'block') return { status: 'denied', message: denied(site, view) };
      if (view.isMuted) return { status: 'denied', message: muted(site) };
      if (!(await this.#mayAsk(document, hasUserActed))) {
        if (isTabRecorded) return { status: 'not-yet' };
        await this.#recordTab(document);
        // A decision made before the tab was recorded was not announced to it: decide once more.
        isTabRecorded = true;
        continue;
      }
      const answer = await prompts.ask(document, server);
      if (answer === 'dismiss') return { status: 'denied', message: dismissed(site) };
      if (answer === 'crowded') return { status: 'denied', message: crowded(site) };
      if (answer === 'failed') return { status: 'denied', message: notAsked(site) };
    }
  }

  #record({ site }: SiteDocument, decision: Decision): void {
    const { diagnostics } = this.#dependencies;
    if (decision.status === 'allowed') diagnostics.info('admitted', { site });
    else if (decision.status === 'not-yet') diagnostics.info('not-yet', { site });
    else diagnostics.info('denied', { site, type: decision.errorType ?? 'permission-denied' });
  }

  async #mayAsk(document: SiteDocument, hasUserActed: () => Promise<boolean>): Promise<boolean> {
    const { prompts, tabInfo } = this.#dependencies;
    // The tab's prompt is open already: a document that repeats its request after the worker ended only rejoins it.
    if (await prompts.isWaitingIn(document)) return true;
    const tab = await tabInfo(document.tabId);
    return tab?.isInFront === true && (document.site.topOrigin === undefined || (await hasUserActed()));
  }

  /** Records an embedded site for the panel, which otherwise knows only the site of the tab's page. */
  async #recordEmbedded({ site, tabId }: SiteDocument): Promise<void> {
    const { ledger, onStoredForTab } = this.#dependencies;
    if (site.topOrigin === undefined) return;
    if (await ledger.tabs.recordEmbedded(site, { tabId, tabOrigin: site.topOrigin })) onStoredForTab(tabId);
  }

  /** Records the tab, so that a later decision is announced to its waiting documents. */
  async #recordTab({ site, tabId }: SiteDocument): Promise<void> {
    const { ledger, onStoredForTab } = this.#dependencies;
    if (await ledger.tabs.recordTab({ tabId, tabOrigin: pageOriginOf(site) }, site.isPrivate)) onStoredForTab(tabId);
  }
}
