// A hosted data connection with its surroundings: a Peer with a socket, that Peer's page, and an RTCPeerConnection.
import { pack } from 'peerjs-js-binarypack';
import { vi } from 'vitest';
import { PageOutbox } from '../../../src/engine/connection/page-outbox';
import { WindowBudget } from '../../../src/engine/data/flow-window';
import {
  HostedDataConnection,
  type ConnectionDescription,
  type ConnectionHome,
} from '../../../src/engine/data/hosted-data-connection';
import { Quota } from '../../../src/engine/policy/quotas';
import type { ClientMessage } from '../../../src/protocol/signalling';
import { endpointPair } from './endpoint-pair';
import { FakeOutboxClock } from './outbox-clock';
import { FakePeerConnections } from './peer-connection';
import { settled } from './settled';

/** A Peer as a connection sees it, and that Peer's page. */
export function makeHome(quota = new Quota(), onUndeliverable: () => void = () => undefined) {
  const [host, page] = endpointPair();
  const outbox = new PageOutbox(new FakeOutboxClock(), onUndeliverable);
  outbox.bind(host);
  const signals: ClientMessage[] = [];
  const send = (message: ClientMessage) => {
    signals.push(message);
    return undefined;
  };
  const home: ConnectionHome = { outbox, budget: new WindowBudget(), quota, document: {}, send };
  const types = (): string[] => page.received.slice(1).map((message) => (message as { type: string }).type);
  return { home, host, page, outbox, quota, signals, types };
}

export function makeConnection(description: Partial<ConnectionDescription> = {}, { transformsSdp = false } = {}) {
  const made = makeHome();
  const peerConnections = new FakePeerConnections();
  const usual = { connectionKey: 1, connectionId: 'dc_1', remotePeerId: 'remote', label: 'l', serialization: 'binary' };
  const connection = new HostedDataConnection(
    { ...usual, reliable: false, ...description },
    { ...made.home, createPeerConnection: peerConnections.create, config: {} },
    { transformsSdp },
  );
  const closed = vi.fn();
  connection.on('gone', closed);
  return { connection, peerConnection: peerConnections.last, closed, ...made };
}

export async function makeOpen(description: Partial<ConnectionDescription> = {}) {
  const made = makeConnection(description);
  await made.connection.offer(undefined);
  const { channel } = made.peerConnection;
  channel.open();
  await settled();
  const before = made.page.received.length;
  return { ...made, channel, since: () => made.page.received.slice(before) };
}

/** An open connection whose page is gone. */
export async function makeParked(description: Partial<ConnectionDescription> = {}) {
  const made = await makeOpen(description);
  made.peerConnection.fireIceState('connected');
  made.connection.park();
  /** Lets another page adopt it. */
  const adopt = (onUndeliverable?: () => void) => {
    made.outbox.close();
    const next = makeHome(made.quota, onUndeliverable);
    made.connection.release();
    made.connection.rehome(-7, next.home);
    return { ...next, resume: () => made.connection.resume() };
  };
  return { ...made, adopt };
}

export function packed(value: unknown): ArrayBuffer {
  return pack(value as never) as ArrayBuffer;
}
