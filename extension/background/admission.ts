// Lets documents and their Peers in: by the user's earlier decision, or by asking. Every Peer passes here, the first of
// a document with `attach`, the others with `admit`.
import type { AdmitReply, AttachReply, HostRequest, Site, SiteDocument } from '../../src/protocol/control-messages';
import type { PeerStart } from '../../src/protocol/page-messages';
import { decide } from '../../src/origin/grant';
import { nameServer } from '../../src/origin/named-server';
import type { SiteLedger } from '../../src/origin/site-ledger';
import { blocked, dismissed, hostFailed } from './denials';
import type { Prompts } from './prompts';

export interface AdmissionDependencies {
  ledger: SiteLedger;
  prompts: Pick<Prompts, 'ask'>;
  expect: (message: Extract<HostRequest, { type: 'expect' }>) => Promise<void>;
  createTicket: () => string;
  /** Whether it is the extension itself that wants to connect. */
  isOwn: (site: Site) => boolean;
}

export class Admission {
  readonly #dependencies: AdmissionDependencies;

  constructor(dependencies: AdmissionDependencies) {
    this.#dependencies = dependencies;
  }

  async attach(document: SiteDocument, start: PeerStart): Promise<AttachReply> {
    const { expect, createTicket } = this.#dependencies;
    const reply = await this.admit(document, start);
    if (reply.status === 'denied') return reply;
    const ticket = createTicket();
    try {
      await expect({ to: 'host', type: 'expect', ticket, document, start, admission: reply.admission });
    } catch (cause) {
      return { status: 'failed', message: hostFailed(cause) };
    }
    return { status: 'admitted', ticket };
  }

  async admit(document: SiteDocument, start: PeerStart): Promise<AdmitReply> {
    const { ledger, prompts, isOwn } = this.#dependencies;
    const { site } = document;
    const server = nameServer(start.server);
    // An answer may be about another server that the site named, or only about another tab: look again after each.
    for (;;) {
      const view = await ledger.view(document);
      const decision = isOwn(site) ? 'allow' : decide(view, site, server);
      if (decision === 'allow') return { status: 'admitted', admission: ledger.admission(site, view, start) };
      if (decision === 'block') return { status: 'denied', message: blocked(site) };
      const answer = await prompts.ask(document, server);
      if (answer === 'dismiss') return { status: 'denied', message: dismissed(site) };
    }
  }
}
