// Reports the host's state to pages of the extension while they watch: at once, then every LIVE_INTERVAL_MS. Without
// watchers it gathers nothing and runs no timer. The caller must end each watch when its port is gone.
import * as v from 'valibot';
import type { Endpoint } from '../../channel/endpoint';
import type { SiteDocument } from '../../protocol/control-messages';
import {
  LIVE_INTERVAL_MS,
  type LiveCommand,
  type LiveConnection,
  type LiveDocument,
  type LivePeer,
  type LiveReport,
} from '../../protocol/live-messages';
import { isSameSite } from '../../protocol/same-site';
import type { ConnectionCensus } from '../connection/connection-census';
import { HostedCall } from '../calls/hosted-call';
import type { Listed } from '../peer/connection-registry';
import type { OutboxClock } from '../connection/page-outbox';
import type { HostedPeer } from '../peer/hosted-peer';
import { PageOwnedConnection } from '../peer/page-owned-connection';
import { readTraffic, type Traffic } from './traffic';

/** The guard of what a watching page asks: it is a page of our own, and still a message from another process. */
const liveCommand = v.variant('type', [
  v.object({ type: v.literal('close'), connectionKey: v.string() }),
  v.object({
    type: v.literal('closeAll'),
    origin: v.string(),
    ancestors: v.exactOptional(v.array(v.string())),
    topOrigin: v.exactOptional(v.string()),
    isPrivate: v.boolean(),
  }),
]);

/** The members of an attached document that the view shows. */
interface ViewedDocument {
  readonly document: SiteDocument;
  readonly hostedPeers: readonly (readonly [peerKey: number, peer: Pick<HostedPeer, 'liveFacts' | 'connections'>])[];
  readonly connections: readonly Listed[];
  readonly failure: LiveDocument['failure'];
}

export interface LiveViewDependencies {
  documents: () => Iterable<ViewedDocument>;
  census: ConnectionCensus;
  clock: OutboxClock;
}

export class LiveView {
  readonly #dependencies: LiveViewDependencies;
  readonly #watchers = new Set<Endpoint>();
  /** Numbers that name documents in keys. A document that attaches again gets a new number. */
  readonly #numbers = new WeakMap<ViewedDocument, number>();
  #lastNumber = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isGathering = false;

  constructor(dependencies: LiveViewDependencies) {
    this.#dependencies = dependencies;
  }

  /** Returns a function to call when the port is gone. */
  watch(endpoint: Endpoint): () => void {
    this.#watchers.add(endpoint);
    endpoint.listen((command) => this.#handleCommand(command));
    void this.#report();
    return () => {
      this.#watchers.delete(endpoint);
      if (this.#watchers.size === 0) clearTimeout(this.#timer);
    };
  }

  async #report(): Promise<void> {
    // A watcher that comes meanwhile gets the report under way.
    if (this.#isGathering) return;
    clearTimeout(this.#timer);
    this.#isGathering = true;
    const report = await this.#gather();
    this.#isGathering = false;
    for (const watcher of this.#watchers) watcher.post(report);
    // The interval starts after the report, so that a slow report leaves the host time for other work.
    if (this.#watchers.size > 0) this.#timer = setTimeout(() => void this.#report(), LIVE_INTERVAL_MS);
  }

  async #gather(): Promise<LiveReport> {
    const viewedDocuments = [...this.#dependencies.documents()];
    const documents = await Promise.all(viewedDocuments.map((viewed) => this.#describe(viewed)));
    return { type: 'report', at: this.#dependencies.clock.now(), documents };
  }

  async #describe(viewed: ViewedDocument): Promise<LiveDocument> {
    const { site, tabId, frameId } = viewed.document;
    const { origin, ancestors, topOrigin, isPrivate } = site;
    const name = this.#nameOf(viewed);
    const { failure } = viewed;
    // A Peer that waits for the user's decision has neither server nor connections.
    const peers = viewed.hostedPeers.flatMap(([peerKey, peer]): Promise<LivePeer>[] => {
      const facts = peer.liveFacts();
      if (!facts) return [];
      const connections = Promise.all(peer.connections.map((connection) => this.#describeConnection(name, connection)));
      return [connections.then((connections) => ({ key: `${name}/${peerKey}`, ...facts, connections }))];
    });
    return {
      tabId,
      frameId,
      origin,
      ...(ancestors && { ancestors }),
      ...(topOrigin !== undefined && { topOrigin }),
      isPrivate,
      peers: await Promise.all(peers),
      ...(failure && { failure }),
    };
  }

  async #describeConnection(name: string, connection: Listed): Promise<LiveConnection> {
    const { connectionKey, remotePeerId } = connection.description;
    // `getStats` may reject for a connection that closes meanwhile; the next report leaves it out.
    const { transport, ...traffic } = readTraffic(await connection.getStats().catch(() => []));
    return {
      key: `${name}/${connectionKey}`,
      remotePeerId,
      ...factsOf(connection, transport),
      age: this.#dependencies.census.ageOf(connection),
      ...traffic,
    };
  }

  #handleCommand(value: unknown): void {
    const command = parseLiveCommand(value);
    if (!command) return;
    for (const viewed of this.#dependencies.documents()) {
      const isOfSite = command.type === 'closeAll' && isSameSite(command, viewed.document.site);
      const name = this.#nameOf(viewed);
      for (const connection of viewed.connections) {
        const isNamed =
          command.type === 'close' && command.connectionKey === `${name}/${connection.description.connectionKey}`;
        if (isOfSite || isNamed) connection.close();
      }
    }
    // Report at once, so that the user sees the effect.
    void this.#report();
  }

  #nameOf(viewed: ViewedDocument): string {
    const number = this.#numbers.get(viewed) ?? ++this.#lastNumber;
    this.#numbers.set(viewed, number);
    return String(number);
  }
}

/** Undefined if `value` is not a command. */
function parseLiveCommand(value: unknown): LiveCommand | undefined {
  const result = v.safeParse(liveCommand, value);
  return result.success ? result.output : undefined;
}

type Facts = Pick<LiveConnection, 'kind' | 'route' | 'state' | 'label'>;

function factsOf(connection: Listed, transport: Traffic['transport']): Facts {
  if (connection instanceof HostedCall) return callFacts(connection, transport);
  if (connection instanceof PageOwnedConnection) return pageOwnedFacts(connection);
  return { kind: 'data', route: 'hosted', state: stateOf(transport), label: connection.description.label };
}

function pageOwnedFacts({ state, description: { label } }: PageOwnedConnection): Facts {
  return { kind: 'data', route: 'direct', state, ...(label !== undefined && { label }) };
}

function callFacts(call: HostedCall, transport: Traffic['transport']): Facts {
  const { kind, route, isAnswered } = call.liveFacts();
  if (!isAnswered) return { kind, route, state: 'ringing' };
  return { kind, route, state: route === 'direct' ? 'open' : stateOf(transport) };
}

function stateOf(transport: Traffic['transport']): LiveConnection['state'] {
  const states = { none: 'connecting', up: 'open', down: 'disconnected' } as const;
  return states[transport];
}
