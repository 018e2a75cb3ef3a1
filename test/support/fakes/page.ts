// A page with its Peer, and a host that the test plays. Import page-globals first.
import { install } from '../../../src/api/install';
import type { BaseConnection } from '../../../src/api/connection/base-connection';
import type { PeerBase } from '../../../src/api/peer';
import type { PeerOptions } from '../../../src/api/peer-options';
import type { util } from '../../../src/api/util';
import type { DataChannelInfo } from '../../../src/protocol/host-messages';
import { FakePageHost } from './page-host';
import { settled } from './settled';

interface PageWindow {
  Peer: new (id?: unknown, options?: PeerOptions) => PeerBase;
  peerjs: { Peer: PageWindow['Peer']; util: typeof util };
}

export const dataChannel: DataChannelInfo = {
  label: 'l',
  ordered: true,
  protocol: '',
  id: 1,
  maxPacketLifeTime: null,
  maxRetransmits: null,
  negotiated: false,
  maxMessageSize: 262_144,
};

export function makePage() {
  const host = new FakePageHost();
  const window = {} as PageWindow;
  install(window, host.openAttachPort);
  return { host, window };
}

/** Records the events of an emitter as `[name, …arguments]`, errors by their type. */
export function watch(emitter: PeerBase | BaseConnection, names: string[]): unknown[][] {
  const events: unknown[][] = [];
  for (const name of names) emitter.on(name, (...args: unknown[]) => void events.push([name, ...args.map(readable)]));
  return events;
}

/** A page whose Peer is open as `me`. */
export async function makeOpenPeer(options: PeerOptions = {}) {
  const page = makePage();
  const peer = new page.window.Peer(options);
  const events = watch(peer, ['open', 'connection', 'disconnected', 'error', 'close']);
  await page.host.attach();
  await page.host.say({ type: 'peer.open', peerKey: 1, epoch: 1, peerId: 'me' });
  return { ...page, peer, events };
}

/** A page whose Peer is open as `me`, with an open connection. */
export async function makeOpenConnection(options: Record<string, unknown> = {}) {
  const page = await makeOpenPeer();
  const connection = page.peer.connect('remote', options)!;
  const connectionEvents = watch(connection, ['open', 'data', 'error', 'close', 'iceStateChanged']);
  await settled();
  await page.host.say({ type: 'connection.open', connectionKey: 1, dataChannel });
  return { ...page, connection, connectionEvents };
}

function readable(value: unknown): unknown {
  return value instanceof Error ? (value as Error & { type?: string }).type : value;
}
