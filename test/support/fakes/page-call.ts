// A page's call, over a host that the test plays. Import page-globals first.
import type { CallOptions, MediaConnection } from '../../../src/api/calls/media-connection';
import { fakeStream, NativeConnection } from './native-connection';
import { makeOpenPeer, watch } from './page';
import { settled } from './settled';

const NAMES = ['stream', 'willCloseOnRemote', 'close', 'error', 'iceStateChanged'];

/** The offer of the remote peer's call. */
export const remoteOffer = { type: 'offer' as const, sdp: 'remote offer' };

/** The host moves a call to the direct route. */
export const toDirectRoute = { type: 'call.route', route: 'direct', reason: 'no link' } as const;

/** A page whose open Peer calls `remote`. The call has the key 1. */
export async function makeCall(options: CallOptions = {}, stream = fakeStream('audio', 'video')) {
  const page = await makeOpenPeer();
  const call = page.peer.call('remote', stream, options)!;
  const callEvents = watch(call, NAMES);
  await settled();
  return { ...page, call, callEvents, stream, native: NativeConnection.last };
}

/** A page whose open Peer is called by `remote`. The call has the key -1. */
export async function makeIncomingCall() {
  const page = await makeOpenPeer();
  const calls: MediaConnection[] = [];
  page.peer.on('call', (call: MediaConnection) => void calls.push(call));
  const about = { remotePeerId: 'remote', connectionId: 'mc_r', metadata: { a: 1 } };
  await page.host.say({ type: 'call.incoming', peerKey: 1, connectionKey: -1, ...about, offer: remoteOffer });
  const call = calls[0]!;
  return { ...page, call, calls, callEvents: watch(call, NAMES) };
}
