// An engine host and the pages of a site that come and go in it, with their links to a remote peer.
import { vi } from 'vitest';
import { EngineHost } from '../../../src/engine/engine-host';
import type { Conditions, TabConnections } from '../../../src/protocol/control-messages';
import type { ConnectionCreate, PeerStart } from '../../../src/protocol/page-messages';
import { endpointPair, type FakeEndpoint } from './endpoint-pair';
import { admissionOf, CONDITIONS, hostedWorld } from './hosted-world';
import { connectionCreate, peerStart } from './page-messages';
import { DATA_OFFER } from '../sdp-samples';
import { settled } from './settled';
import { siteDocument, type DocumentOptions } from './site-documents';
import type { FakeDataChannel } from './data-channel';
import type { FakePeerConnection } from './peer-connection';
import type { FakeWebSocket } from './web-socket';

export interface PageOptions extends DocumentOptions {
  /** What the background admits; none: the host makes one. */
  ids?: string[];
  start?: Partial<PeerStart>;
  conditions?: Partial<Conditions>;
  /** False: the server does not answer. */
  isServed?: boolean;
}

/** The two ends of a link as the host has them. */
export interface Link {
  peerConnection: FakePeerConnection;
  channel: FakeDataChannel;
}

/** A document with a Peer, attached. */
export interface SitePage {
  documentId: string;
  page: FakeEndpoint;
  host: FakeEndpoint;
  /** Of its first Peer. */
  socket: FakeWebSocket;
  /** The document is gone. */
  leave: () => void;
}

export function siteHost() {
  const { environment, ...world } = hostedWorld();
  const { sockets, peerConnections, clock } = world;
  const counts = new Map<number, number>();
  /** As the background said last: further Peers get the same. */
  let lastConditions: Partial<Conditions> = keeping;
  const told = { onIdle: vi.fn(), onOccupied: vi.fn(), onParked: vi.fn() };
  const host = new EngineHost({
    ...environment,
    ...told,
    background: {
      admit: async (_, { requestedId }) => {
        const identities = requestedId === undefined ? [] : [identity(requestedId)];
        return { status: 'admitted', admission: admissionOf(identities, lastConditions) };
      },
      leased: () => undefined,
    },
    onConnections: (tabs: TabConnections[]) => {
      for (const { tabId, count } of tabs) counts.set(tabId, count);
    },
  });

  /** A page of the site is loaded and opens a Peer, which is admitted under `ids`. */
  function load({ ids = ['me'], start, conditions, isServed = true, ...options }: PageOptions = {}): SitePage {
    const document = siteDocument(options);
    const { documentId } = document;
    lastConditions = { ...keeping, ...conditions };
    const admission = admissionOf(ids.map(identity), lastConditions);
    host.expect(documentId, document, peerStart({ token: 'token', ...start }), admission);
    const socket = sockets.last;
    const [end, page] = endpointPair();
    const leave = host.bind(documentId, documentId, end)!;
    if (isServed) socket.welcome();
    return { documentId, page, host: end, socket, leave };
  }

  /** The page connects to the remote peer, and the link opens. */
  async function dial({ page }: SitePage, request: Partial<ConnectionCreate> = {}): Promise<Link> {
    page.post(connectionCreate(request));
    await settled();
    const { last } = peerConnections;
    last.channel.open();
    last.fireIceState('connected');
    await settled();
    return { peerConnection: last, channel: last.channel };
  }

  /** The remote peer connects, and the link opens. */
  async function accept({ socket }: Pick<SitePage, 'socket'>, connectionId = 'dc_r', src = 'remote'): Promise<Link> {
    socket.receive(dataOffer(connectionId, src));
    await settled();
    const { last } = peerConnections;
    const channel = last.fireChannel();
    channel.open();
    last.fireIceState('connected');
    await settled();
    return { peerConnection: last, channel };
  }

  /** How many connections the badge of the tab shows. */
  function badge(tabId = 1): number {
    clock.run();
    return counts.get(tabId) ?? 0;
  }

  return { host, load, dial, accept, badge, ...told, ...world };
}

const keeping = { keepsLinks: true };

const identity = (id: string) => ({ id, secret: '0'.repeat(32) });

/** Conditions as the background sends them where something has changed. */
export function keepingConditions(changes: Partial<Conditions> = {}): Conditions {
  return { ...CONDITIONS, ...keeping, ...changes };
}

export function dataOffer(connectionId = 'dc_r', src = 'remote', payload: Record<string, unknown> = {}) {
  const sdp = { type: 'offer', sdp: DATA_OFFER };
  const usual = { sdp, type: 'data', connectionId, label: 'l', reliable: true, serialization: 'raw' };
  return { type: 'OFFER', src, payload: { ...usual, ...payload } };
}
