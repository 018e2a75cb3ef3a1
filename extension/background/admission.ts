// Lets documents and their Peers in: by the user's earlier decision, or by asking. Every Peer passes here, the first of
// a document with `attach`, the others with `admit`. It parses the page's server options
// once; consent and host use the resulting address and nothing else.
//
// The user is asked only over a tab that is in front, and for a frame of another site only once they have clicked or typed in
// it: who wants an answer has to be seen and used. What is decided already needs none of this.
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
import type { SiteLedger, SiteView } from '../../src/sites/site-ledger';
import type { SiteLog } from '../../src/sites/site-log';
import { MOST_ANCESTORS } from '../../src/sites/records/site-schema';
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
  /** Whether the user has acted in the document, by the word of its content script. */
  hasUserActed: (document: SiteDocument) => Promise<boolean>;
  /** Called after something was written down that ends when this tab leaves its page. */
  onKeptForTab: (tabId: number) => void;
}

type Decision = { status: 'allowed'; view: SiteView; used: UsedServer } | { status: 'not-yet' } | Denial;

export class Admission {
  readonly #dependencies: AdmissionDependencies;

  constructor(dependencies: AdmissionDependencies) {
    this.#dependencies = dependencies;
  }

  /** `report`: what the document's content script has just found in the site's storage; `hasUserActed`: as in the request. */
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
    if (decision.status !== 'allowed') return decision;
    const { document, view, mark } = await markDocument(this.#dependencies, sender, decision.view, report, lookedAt);
    const ticket = createTicket();
    const admission = ledger.admission(view, start, decision.used);
    try {
      await expect({ to: 'host', type: 'expect', ticket, document, start, admission });
    } catch (cause) {
      return { status: 'failed', message: hostFailed(cause) };
    }
    // A decision that was taken while the host had not heard of the document has passed it by.
    if (enforcement.count !== reviewsBefore) await enforcement.review();
    return { status: 'admitted', ticket, ...(mark !== undefined && { mark }) };
  }

  async admit(document: SiteDocument, start: PeerStart): Promise<AdmitReply> {
    const { hasUserActed } = this.#dependencies;
    const decision = await this.#decide(document, start, () => hasUserActed(document));
    // The page has Peers, and with them an author's way of trying again: nobody has to wait here.
    if (decision.status === 'not-yet') return { status: 'denied', message: notYetAsked(document.site) };
    if (decision.status === 'denied') return decision;
    const { view, used } = decision;
    return { status: 'admitted', admission: this.#dependencies.ledger.admission(view, start, used) };
  }

  async #decide(document: SiteDocument, start: PeerStart, hasUserActed: () => Promise<boolean>): Promise<Decision> {
    const { ledger, prompts } = this.#dependencies;
    const { site } = document;
    if (site.isOpaque) return { status: 'denied', message: opaque() };
    if ((site.ancestors?.length ?? 0) > MOST_ANCESTORS) return { status: 'denied', message: nestedTooDeep() };
    const parsed = parseServerOptions(start.server);
    if ('problem' in parsed) {
      return { status: 'denied', errorType: 'server-error', message: noServer(parsed.problem) };
    }
    void this.#recordEmbedded(document);
    let isTabNoted = false;
    // An answer may be about another server that the site named, or only about another tab: look again after each.
    for (;;) {
      const view = await ledger.view(document);
      const used = usedServer(parsed.server, view.policy);
      const server = nameServer(used.server);
      // A server of the user's own is the user's choice, and not the page's.
      if (!used.isOwnServer && isMixedContent(site, server)) {
        return { status: 'denied', errorType: 'server-error', message: mixedContent(server) };
      }
      const decision = decide(view, site, server);
      if (decision === 'allow') return { status: 'allowed', view, used };
      if (decision === 'block') return { status: 'denied', message: denied(site, view) };
      if (view.isMuted) return { status: 'denied', message: muted(site) };
      if (!(await this.#mayAsk(document, hasUserActed))) {
        if (isTabNoted) return { status: 'not-yet' };
        await this.#recordTab(document);
        // A decision from before the note has told nothing to this tab.
        isTabNoted = true;
        continue;
      }
      const answer = await prompts.ask(document, server);
      if (answer === 'dismiss') return { status: 'denied', message: dismissed(site) };
      if (answer === 'crowded') return { status: 'denied', message: crowded(site) };
      if (answer === 'failed') return { status: 'denied', message: notAsked(site) };
    }
  }

  async #mayAsk(document: SiteDocument, hasUserActed: () => Promise<boolean>): Promise<boolean> {
    const { prompts, tabInfo } = this.#dependencies;
    // Nothing new is asked then: the tab has its prompt, and a document that asks again after the worker's end belongs to it.
    if (await prompts.isWaitingIn(document)) return true;
    const tab = await tabInfo(document.tabId);
    return tab?.isInFront === true && (document.site.topOrigin === undefined || (await hasUserActed()));
  }

  /** For the panel, which else would know the page's own site alone. */
  async #recordEmbedded({ site, tabId }: SiteDocument): Promise<void> {
    const { ledger, onKeptForTab } = this.#dependencies;
    if (site.topOrigin === undefined) return;
    if (await ledger.recordEmbedded(site, { tabId, tabOrigin: site.topOrigin })) onKeptForTab(tabId);
  }

  /** So that a decision which is taken meanwhile reaches the document. */
  async #recordTab({ site, tabId }: SiteDocument): Promise<void> {
    const { ledger, onKeptForTab } = this.#dependencies;
    if (await ledger.recordTab({ tabId, tabOrigin: pageOriginOf(site) }, site.isPrivate)) onKeptForTab(tabId);
  }
}
