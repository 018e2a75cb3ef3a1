// Applies decisions and settings to live connections. Each review judges every attached document anew from the stores, so it
// does not matter what changed, or whether an earlier review was lost with the worker. Callers must call `review` after
// every change to decisions or conditions.
import type { ServedDocument, Verdict } from '../../src/protocol/control-messages';
import { decide, decisionOf } from '../../src/sites/decisions/grant';
import { nameServer } from '../../src/sites/servers/named-server';
import type { SiteLedger } from '../../src/sites/site-ledger';
import type { WriteQueue } from '../../src/sites/records/write-queue';
import { denied, revoked } from './denials';

export interface EnforcementDependencies {
  ledger: SiteLedger;
  /** Empty if no host runs. */
  documents: () => Promise<ServedDocument[]>;
  enforce: (verdicts: Verdict[]) => Promise<void>;
  /** Runs reviews in order, so that an older one cannot overwrite a newer one. */
  queue: WriteQueue;
}

/** Returns the reason to end a document's Peers even if its site is still allowed, or undefined. */
export type Ending = (attached: ServedDocument) => string | undefined;

export class Enforcement {
  readonly #dependencies: EnforcementDependencies;
  #count = 0;

  constructor(dependencies: EnforcementDependencies) {
    this.#dependencies = dependencies;
  }

  /** How many reviews have started. Data read before the last start may be out of date. */
  get count(): number {
    return this.#count;
  }

  /** Call it after storing a change to decisions or conditions. */
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
