// Pages come and go in random order. A remote peer's messages must arrive once and in order, in whichever page has the
// connection then, and no resource may be left in the end.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Quotas } from '../../../../src/engine/policy/quotas';
import type { FakeWebSocket } from '../../../support/fakes/web-socket';
import { connectionCreate, peerStart } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';
import { keepingConditions, siteHost, type FakeConnection, type SitePage } from '../../../support/fakes/site-host';
import { DATA_OFFER } from '../../../support/sdp-samples';
import { seededRandom } from '../../../support/random-values';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const TABS = [1, 2];
const LABELS = ['one', 'two'];

const twice = <Item>(item: Item): Item[] => [item, item];

interface NumberedConnection extends FakeConnection {
  name: string;
  sent: number;
}

class Life {
  readonly #random: () => number;
  readonly site = siteHost();
  readonly pages = new Map<number, SitePage>();
  readonly connections: NumberedConnection[] = [];
  /** All pages, including those that are gone. */
  readonly all: SitePage[] = [];
  #lastKey = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  async step(): Promise<void> {
    const steps: (() => Promise<void>)[] = [
      ...twice(() => this.reload()),
      ...twice(() => this.serve()),
      ...twice(() => this.dial()),
      ...twice(() => this.accept()),
      ...twice(() => this.talk()),
      () => this.talk(),
      () => this.secondPeer(),
      () => this.closeByPage(),
      () => this.closeByRemote(),
      () => this.pass(),
      () => this.decide(),
    ];
    await this.#pick(steps)!();
    await settled();
  }

  /** Brings every Peer of both tabs back, and lets the rest of the parked Peers expire. */
  async settle(): Promise<void> {
    for (const [tabId, { page }] of this.pages) {
      page.post(peerStart({ peerKey: 9, token: 'token', requestedId: `b${tabId}` }));
    }
    await settled();
    await this.serve();
    vi.advanceTimersByTime(60_000);
    this.site.clock.run();
  }

  /** The numbers that the pages received on each connection, in order. */
  received(): Map<string, number[]> {
    const received = new Map<string, number[]>();
    for (const { page } of this.all) {
      for (const word of page.ofType('data').flatMap(({ data }) => data as string[])) {
        const [name, number] = word.split(' ') as [string, string];
        received.set(name, [...(received.get(name) ?? []), Number(number)]);
      }
    }
    return received;
  }

  async reload(): Promise<void> {
    const tabId = this.#pick(TABS)!;
    this.pages.get(tabId)?.leave();
    if (this.#random() < 0.2) vi.advanceTimersByTime(this.#random() * 10_000);
    const id = `a${tabId}`;
    const page = this.site.load({ tabId, ids: [id], start: { requestedId: id }, isServed: false });
    this.pages.set(tabId, page);
    this.all.push(page);
  }

  async serve(): Promise<void> {
    for (const socket of this.site.sockets.made) {
      if (!socket.isClosed && socket.messages.length === 0) socket.welcome();
    }
    await settled();
  }

  async secondPeer(): Promise<void> {
    const [tabId, page] = this.#pick([...this.pages]) ?? [];
    page?.page.post(peerStart({ peerKey: 2, token: 'token', requestedId: `b${tabId}` }));
  }

  async dial(): Promise<void> {
    const page = this.#pick([...this.pages.values()]);
    const before = this.site.peerConnections.made.length;
    const connectionKey = ++this.#lastKey;
    const ids = { connectionKey, peerKey: this.#pick([1, 2])!, connectionId: `dc_${connectionKey}` };
    page?.page.post(connectionCreate({ ...ids, label: this.#pick(LABELS)!, serialization: 'raw' }));
    await settled();
    if (this.site.peerConnections.made.length > before) this.#open(undefined);
  }

  async accept(): Promise<void> {
    const socket = this.#pick(this.site.sockets.made.filter((socket) => this.#isRegistered(socket)));
    const before = this.site.peerConnections.made.length;
    const payload = {
      sdp: { type: 'offer', sdp: DATA_OFFER },
      type: 'data',
      serialization: 'raw',
      label: this.#pick(LABELS),
    };
    const connectionId = `dc_r${++this.#lastKey}`;
    socket?.receive({ type: 'OFFER', src: 'remote', payload: { ...payload, connectionId } });
    await settled();
    if (this.site.peerConnections.made.length > before) this.#open(this.site.peerConnections.last.fireChannel());
  }

  async talk(): Promise<void> {
    const connection = this.#pick(
      this.connections.filter(({ peerConnection }) => peerConnection.signalingState !== 'closed'),
    );
    if (connection?.channel.onmessage) connection.channel.receive(`${connection.name} ${connection.sent++}`);
  }

  async closeByPage(): Promise<void> {
    const page = this.#pick([...this.pages.values()]);
    page?.page.post({ type: 'connection.close', connectionKey: Math.floor(this.#random() * 12) - 4 });
  }

  async closeByRemote(): Promise<void> {
    this.#pick(this.connections)?.channel.onclose?.();
  }

  async pass(): Promise<void> {
    if (this.#random() < 0.5) this.site.clock.run();
    else vi.advanceTimersByTime(this.#random() * 20_000);
  }

  async decide(): Promise<void> {
    const { documentId } = this.#pick(this.all) ?? {};
    if (documentId === undefined || this.#random() < 0.5) return;
    const conditions = keepingConditions({ keepsConnections: this.#random() < 0.5 });
    this.site.host.enforce([this.#random() < 0.3 ? { documentId, revoked: 'no' } : { documentId, conditions }]);
  }

  end(): void {
    for (const { leave } of this.pages.values()) leave();
    vi.advanceTimersByTime(60_000);
    this.site.clock.run();
  }

  #open(accepted: FakeConnection['channel'] | undefined): void {
    const peerConnection = this.site.peerConnections.last;
    const channel = accepted ?? peerConnection.channel;
    channel.open();
    peerConnection.fireIceState('connected');
    this.connections.push({ peerConnection, channel, name: `connection${this.connections.length}`, sent: 0 });
  }

  #isRegistered({ isClosed, messages }: FakeWebSocket): boolean {
    return !isClosed && messages.length > 0;
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }
}

describe('connections that outlive their pages', () => {
  it.each(Array.from({ length: 60 }, (_, index) => index + 1))(
    'lose no message and leave no resource behind, with seed %i',
    async (seed) => {
      const join = vi.spyOn(Quotas.prototype, 'join');
      const life = new Life(seed);
      for (let step = 0; step < 150; step++) await life.step();
      await life.settle();
      for (const [name, numbers] of life.received()) {
        expect(numbers, name).toEqual(numbers.map((_, index) => index));
      }
      life.end();
      expect(life.site.host.isIdle).toBe(true);
      expect(TABS.map((tabId) => life.site.badge(tabId))).toEqual([0, 0]);
      expect(life.site.sockets.made.filter(({ isClosed }) => !isClosed)).toEqual([]);
      expect(life.site.peerConnections.made.filter(({ signalingState }) => signalingState !== 'closed')).toEqual([]);
      const left = { documents: 0, peers: 0, parkedPeers: 0, connections: 0, peerConnections: 0, queuedBytes: 0 };
      for (const { value } of join.mock.results) expect(value).toMatchObject(left);
    },
  );
});
