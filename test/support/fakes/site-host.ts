// An engine host with a site's pages, which come and go, and their connections to a remote peer.
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
  /** The IDs that the background admits. Empty: the host makes an ID. */
  ids?: string[];
  start?: Partial<PeerStart>;
  conditions?: Partial<Conditions>;
  /** False: PeerServer does not answer. */
  isServed?: boolean;
}

/** The two objects of a connection in the host. */
export interface FakeConnection {
  peerConnection: FakePeerConnection;
  channel: FakeDataChannel;
}

/** An attached document with a Peer. */
export interface SitePage {
  documentId: string;
  page: FakeEndpoint;
  host: FakeEndpoint;
  /** The socket of its first Peer. */
  socket: FakeWebSocket;
  /** Ends the document. */
  leave: () => void;
}

export function siteHost() {
  const { environment, ...world } = hostedWorld();
  const { sockets, peerConnections, clock } = world;
  const counts = new Map<number, number>();
  /** The background's last conditions, which further Peers get, too. */
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

  /** Loads a page of the site that opens a Peer, which is admitted with `ids`. */
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

  /** Opens a connection from the page to the remote peer. */
  async function dial({ page }: SitePage, request: Partial<ConnectionCreate> = {}): Promise<FakeConnection> {
    page.post(connectionCreate(request));
    await settled();
    const { last } = peerConnections;
    last.channel.open();
    last.fireIceState('connected');
    await settled();
    return { peerConnection: last, channel: last.channel };
  }

  /** Opens a connection from the remote peer to the page. */
  async function accept(
    { socket }: Pick<SitePage, 'socket'>,
    connectionId = 'dc_r',
    src = 'remote',
  ): Promise<FakeConnection> {
    socket.receive(dataOffer(connectionId, src));
    await settled();
    const { last } = peerConnections;
    const channel = last.fireChannel();
    channel.open();
    last.fireIceState('connected');
    await settled();
    return { peerConnection: last, channel };
  }

  /** The number of connections on the tab's badge. */
  function badge(tabId = 1): number {
    clock.run();
    return counts.get(tabId) ?? 0;
  }

  return { host, load, dial, accept, badge, ...told, ...world };
}

/** A site that may keep connections, with a page that has one connection, which a remote peer opened. */
export async function keepingSite() {
  const site = siteHost();
  const first = site.load();
  return { ...site, first, connection: await site.accept(first) };
}

const keeping = { keepsConnections: true };

const identity = (id: string) => ({ id, secret: '0'.repeat(32) });

/** The background's conditions, with `changes`, for a site that keeps its connections. */
export function keepingConditions(changes: Partial<Conditions> = {}): Conditions {
  return { ...CONDITIONS, ...keeping, ...changes };
}

export function dataOffer(connectionId = 'dc_r', src = 'remote', payload: Record<string, unknown> = {}) {
  const sdp = { type: 'offer', sdp: DATA_OFFER };
  const usual = { sdp, type: 'data', connectionId, label: 'l', reliable: true, serialization: 'raw' };
  return { type: 'OFFER', src, payload: { ...usual, ...payload } };
}
