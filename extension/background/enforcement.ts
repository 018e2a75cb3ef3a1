// Carries what was decided to the links that are there. Each review looks at every attached document anew, from what is
// stored: so it does not matter who changed what, or whether an earlier review was lost with the worker.
import type { ServedDocument, Verdict } from '../../src/protocol/control-messages';
import { decide, decisionOf } from '../../src/sites/decisions/grant';
import { nameServer } from '../../src/sites/servers/named-server';
import type { SiteLedger } from '../../src/sites/site-ledger';
import type { WriteQueue } from '../../src/sites/records/write-queue';
import { denied, revoked } from './denials';

export interface EnforcementDependencies {
  ledger: SiteLedger;
  /** Empty where there is no host. */
  documents: () => Promise<ServedDocument[]>;
  enforce: (verdicts: Verdict[]) => Promise<void>;
  /** Reviews go one after another, or an older one might have the last word. */
  queue: WriteQueue;
}

/** Why a document's Peers have to end though its site may be allowed still; undefined: they need not. */
export type Ending = (attached: ServedDocument) => string | undefined;

export class Enforcement {
  readonly #dependencies: EnforcementDependencies;
  #count = 0;

  constructor(dependencies: EnforcementDependencies) {
    this.#dependencies = dependencies;
  }

  /** How many reviews were begun. What was read before the last one may be out of date. */
  get count(): number {
    return this.#count;
  }

  /** Call it after something that decisions or conditions depend on was written. */
  review(ending: Ending = () => undefined): Promise<void> {
    const { queue, documents, enforce } = this.#dependencies;
    this.#count += 1;
    return queue.run(async () => {
      const attached = await documents();
      if (attached.length === 0) return;
      await enforce(await Promise.all(attached.map((one) => this.#verdict(one, ending(one)))));
    });
  }

  async #verdict({ document, servers }: ServedDocument, ending: string | undefined): Promise<Verdict> {
    const { documentId } = document;
    if (ending !== undefined) return { documentId, revoked: ending };
    const { ledger } = this.#dependencies;
    const { site } = document;
    const view = await ledger.view(document);
    const decision = decisionOf(view);
    const areServersAllowed = servers.every((server) => decide(view, site, nameServer(server)) === 'allow');
    if (decision === 'allow' && areServersAllowed) return { documentId, conditions: ledger.conditions(view) };
    return { documentId, revoked: decision === 'block' ? denied(site, view) : revoked(site) };
  }
}
