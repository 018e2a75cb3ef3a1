// Lets documents and their Peers in: by the user's earlier decision, or by asking. Every Peer passes here, the first of
// a document with `attach`, the others with `admit`. It parses the page's server options
// once; consent and host use the resulting address and nothing else.
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
import { decide } from '../../src/origin/grant';
import { isMixedContent } from '../../src/origin/mixed-content';
import { nameServer } from '../../src/origin/named-server';
import type { SiteLedger, SiteView } from '../../src/origin/site-ledger';
import type { SiteLog } from '../../src/origin/site-log';
import { usedServer } from '../../src/origin/used-server';
import { denied, dismissed, hostFailed, mixedContent, muted, noServer, opaque } from './denials';
import type { Enforcement } from './enforcement';
import type { Prompts } from './prompts';
import { markDocument } from './site-marks';

export interface AdmissionDependencies {
  ledger: SiteLedger;
  log: Pick<SiteLog, 'add'>;
  prompts: Pick<Prompts, 'ask'>;
  enforcement: Pick<Enforcement, 'count' | 'review'>;
  expect: (message: Extract<HostRequest, { type: 'expect' }>) => Promise<void>;
  createTicket: () => string;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Called after an embedded site was written down, which ends when this tab leaves its page. */
  onEmbedded: (tabId: number) => void;
}

type Decision = { status: 'allowed'; view: SiteView; used: UsedServer } | Denial;

export class Admission {
  readonly #dependencies: AdmissionDependencies;

  constructor(dependencies: AdmissionDependencies) {
    this.#dependencies = dependencies;
  }

  /** `report`: what the document's content script has just found in the site's storage. */
  async attach(sender: SiteDocument, start: PeerStart, report: MarkReport): Promise<AttachReply> {
    const { ledger, enforcement, expect, createTicket, now } = this.#dependencies;
    const reviewsBefore = enforcement.count;
    const lookedAt = now();
    const decision = await this.#decide(sender, start);
    if (decision.status === 'denied') return decision;
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
    const decision = await this.#decide(document, start);
    if (decision.status === 'denied') return decision;
    const { view, used } = decision;
    return { status: 'admitted', admission: this.#dependencies.ledger.admission(view, start, used) };
  }

  async #decide(document: SiteDocument, start: PeerStart): Promise<Decision> {
    const { ledger, prompts } = this.#dependencies;
    const { site } = document;
    if (site.isOpaque) return { status: 'denied', message: opaque() };
    const parsed = parseServerOptions(start.server);
    if ('problem' in parsed) {
      return { status: 'denied', errorType: 'server-error', message: noServer(parsed.problem) };
    }
    void this.#noteEmbedded(document);
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
      const answer = await prompts.ask(document, server);
      if (answer === 'dismiss') return { status: 'denied', message: dismissed(site) };
    }
  }

  /** For the panel, which else would know the page's own site alone. */
  async #noteEmbedded({ site, tabId }: SiteDocument): Promise<void> {
    const { topOrigin } = site;
    if (topOrigin === undefined) return;
    await this.#dependencies.ledger.noteEmbedded(site, { tabId, tabOrigin: topOrigin });
    this.#dependencies.onEmbedded(tabId);
  }
}
