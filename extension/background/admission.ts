// Lets documents and their Peers in: by the user's earlier decision, or by asking. Every Peer passes here, the first of
// a document with `attach`, the others with `admit`. It parses the page's server options
// once; consent and host use the resulting address and nothing else.
import type { AdmitReply, AttachReply, HostRequest, SiteDocument } from '../../src/protocol/control-messages';
import type { PeerStart } from '../../src/protocol/page-messages';
import { parseServerOptions } from '../../src/protocol/peer-server';
import { decide } from '../../src/origin/grant';
import { isMixedContent } from '../../src/origin/mixed-content';
import { nameServer } from '../../src/origin/named-server';
import type { SiteLedger } from '../../src/origin/site-ledger';
import { usedServer } from '../../src/origin/used-server';
import { denied, dismissed, hostFailed, mixedContent, muted, noServer, opaque } from './denials';
import type { Enforcement } from './enforcement';
import type { Prompts } from './prompts';

export interface AdmissionDependencies {
  ledger: SiteLedger;
  prompts: Pick<Prompts, 'ask'>;
  enforcement: Pick<Enforcement, 'count' | 'review'>;
  expect: (message: Extract<HostRequest, { type: 'expect' }>) => Promise<void>;
  createTicket: () => string;
  /** Called after an embedded site was written down, which ends when this tab leaves its page. */
  onEmbedded: (tabId: number) => void;
}

export class Admission {
  readonly #dependencies: AdmissionDependencies;

  constructor(dependencies: AdmissionDependencies) {
    this.#dependencies = dependencies;
  }

  async attach(document: SiteDocument, start: PeerStart): Promise<AttachReply> {
    const { enforcement, expect, createTicket } = this.#dependencies;
    const reviewsBefore = enforcement.count;
    const reply = await this.admit(document, start);
    if (reply.status === 'denied') return reply;
    const ticket = createTicket();
    try {
      await expect({ to: 'host', type: 'expect', ticket, document, start, admission: reply.admission });
    } catch (cause) {
      return { status: 'failed', message: hostFailed(cause) };
    }
    // A decision that was taken while the host had not heard of the document has passed it by.
    if (enforcement.count !== reviewsBefore) await enforcement.review();
    return { status: 'admitted', ticket };
  }

  async admit(document: SiteDocument, start: PeerStart): Promise<AdmitReply> {
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
      if (decision === 'allow') return { status: 'admitted', admission: ledger.admission(view, start, used) };
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
