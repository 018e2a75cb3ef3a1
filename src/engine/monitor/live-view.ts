// Reports the host's state to pages of the extension while they watch: at once, then every LIVE_INTERVAL_MS. Without
// watchers it gathers nothing and runs no timer. The caller must end each watch when its port is gone.
import type { Endpoint } from '../../channel/endpoint';
import {
  LIVE_INTERVAL_MS,
  type LiveConnection,
  type LiveDocument,
  type LivePeer,
  type LiveReport,
} from '../../protocol/live-messages';
import { isSameSite } from '../../protocol/same-site';
import type { AttachedDocument } from '../attached-document';
import type { ConnectionCensus } from '../connection/connection-census';
import { HostedCall } from '../calls/hosted-call';
import type { Listed } from '../peer/connection-registry';
import { parseLiveCommand } from './live-command';
import type { OutboxClock } from '../connection/page-outbox';
import { PageOwnedConnection } from '../peer/page-owned-connection';
import { readTraffic, type Traffic } from './traffic';

export interface LiveViewDependencies {
  attachments: () => Iterable<AttachedDocument>;
  census: ConnectionCensus;
  clock: OutboxClock;
}

export class LiveView {
  readonly #dependencies: LiveViewDependencies;
  readonly #watchers = new Set<Endpoint>();
  /** Numbers that name documents in keys. A document that attaches again gets a new number. */
  readonly #numbers = new WeakMap<AttachedDocument, number>();
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
    const attachments = [...this.#dependencies.attachments()];
    const documents = await Promise.all(attachments.map((attachment) => this.#describe(attachment)));
    return { type: 'report', at: this.#dependencies.clock.now(), documents };
  }

  async #describe(attachment: AttachedDocument): Promise<LiveDocument> {
    const { site, tabId, frameId } = attachment.document;
    const { origin, ancestors, topOrigin, isPrivate } = site;
    const name = this.#nameOf(attachment);
    const { failure } = attachment;
    // A Peer that waits for the user's decision has neither server nor connections.
    const peers = attachment.hostedPeers.flatMap(([peerKey, peer]): Promise<LivePeer>[] => {
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
    for (const attachment of this.#dependencies.attachments()) {
      const isOfSite = command.type === 'closeAll' && isSameSite(command, attachment.document.site);
      const name = this.#nameOf(attachment);
      for (const connection of attachment.connections) {
        const isNamed =
          command.type === 'close' && command.connectionKey === `${name}/${connection.description.connectionKey}`;
        if (isOfSite || isNamed) connection.close();
      }
    }
    // Report at once, so that the user sees the effect.
    void this.#report();
  }

  #nameOf(attachment: AttachedDocument): string {
    const number = this.#numbers.get(attachment) ?? ++this.#lastNumber;
    this.#numbers.set(attachment, number);
    return String(number);
  }
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
