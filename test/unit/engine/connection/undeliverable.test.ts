import { describe, expect, it } from 'vitest';
import { replacementFor } from '../../../../src/engine/connection/undeliverable';
import type { HostMessage } from '../../../../src/protocol/host-messages';

const incoming = { remotePeerId: 'r', connectionId: 'c' };
const state = {
  connectionState: 'new',
  iceConnectionState: 'new',
  iceGatheringState: 'new',
  signalingState: 'stable',
} as const;

describe('replacementFor', () => {
  it.each<[HostMessage, object]>([
    [
      { type: 'data', connectionKeys: [2], data: [1] },
      { type: 'connection.error', connectionKey: 2 },
    ],
    [
      { type: 'texts', connectionKeys: [2], byteLengths: [1], bytes: new ArrayBuffer(1) },
      { type: 'connection.error', connectionKey: 2 },
    ],
    [
      { type: 'connection.stats', connectionKey: 2, requestId: 3, stats: [['a', 1]] },
      { type: 'connection.stats', connectionKey: 2, requestId: 3, stats: [] },
    ],
    [
      { type: 'peer.listed', peerKey: 1, requestId: 3, peerIds: ['a'] },
      { type: 'peer.listed', peerKey: 1, requestId: 3, error: expect.any(String) as string },
    ],
    [
      { type: 'call.incoming', peerKey: 1, connectionKey: -1, ...incoming, offer: { type: 'offer' } },
      { type: 'peer.error', peerKey: 1 },
    ],
    [
      { type: 'peer.socketMessage', peerKey: 1, text: '{}' },
      { type: 'peer.error', peerKey: 1 },
    ],
    [
      { type: 'peer.signal', peerKey: 1, message: { type: 'ANSWER', src: 'r', payload: {} } },
      { type: 'peer.error', peerKey: 1 },
    ],
    [
      { type: 'connection.state', connectionKey: 2, state, iceStateChanged: false },
      { type: 'connection.error', connectionKey: 2 },
    ],
  ])('replaces $type', (message, expected) => {
    expect(replacementFor(message)).toMatchObject(expected);
  });

  it('has no replacement for errors and simple messages, so that it cannot loop', () => {
    const error = { type: 'message-too-big' as const, message: 'm' };
    expect(replacementFor({ type: 'connection.error', connectionKey: 1, error })).toBeUndefined();
    expect(replacementFor({ type: 'connection.closed', connectionKey: 1 })).toBeUndefined();
    expect(replacementFor({ type: 'attached' })).toBeUndefined();
  });
});
