import { describe, expect, it } from 'vitest';
import { parseServerMessage } from '../../../src/engine/signalling-messages';

const sdp = { type: 'offer', sdp: 'v=0' };
const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' };
const offerPayload = { sdp, type: 'data', connectionId: 'c', label: 'l', reliable: false, serialization: 'binary' };

const HONEST: Record<string, unknown>[] = [
  { type: 'OPEN' },
  { type: 'ID-TAKEN' },
  { type: 'INVALID-KEY' },
  { type: 'ERROR' },
  { type: 'ERROR', payload: { msg: 'no' } },
  { type: 'LEAVE', src: 'r' },
  { type: 'EXPIRE', src: 'r' },
  { type: 'OFFER', src: 'r', payload: offerPayload },
  { type: 'OFFER', src: 'r', payload: { sdp, type: 'media', connectionId: 'c', metadata: { deep: [null] } } },
  { type: 'ANSWER', src: 'r', payload: { sdp: { type: 'answer', sdp: '' }, connectionId: 'c' } },
  { type: 'CANDIDATE', src: 'r', payload: { candidate, connectionId: 'c' } },
  { type: 'CANDIDATE', src: 'r', payload: { connectionId: 'c' } },
  { type: 'CANDIDATE', src: 'r', payload: { candidate: { candidate: '', sdpMid: null }, connectionId: 'c' } },
];

const HOSTILE: unknown[] = [
  { type: 'OFFER', src: 'r', payload: { ...offerPayload, sdp: { type: 'offer', sdp: 'm=audio 9 \r\n'.repeat(66) } } },
  null,
  1,
  'OPEN',
  [],
  [{ type: 'OPEN' }],
  {},
  { type: 'open' },
  { type: 'constructor' },
  { type: ['OPEN'] },
  { type: 'LEAVE' },
  { type: 'LEAVE', src: '' },
  { type: 'LEAVE', src: { toString: 'r' } },
  { type: 'EXPIRE', src: 'r'.repeat(1025) },
  { type: 'ERROR', payload: { msg: 1 } },
  { type: 'OFFER', src: 'r' },
  { type: 'OFFER', src: 'r', payload: null },
  { type: 'OFFER', payload: offerPayload },
  { type: 'OFFER', src: 'r', payload: { ...offerPayload, connectionId: 1 } },
  { type: 'OFFER', src: 'r', payload: { ...offerPayload, connectionId: '' } },
  { type: 'OFFER', src: 'r', payload: { ...offerPayload, sdp: { type: 'answer', sdp: '' } } },
  { type: 'OFFER', src: 'r', payload: { ...offerPayload, sdp: { type: 'offer' } } },
  { type: 'ANSWER', src: 'r', payload: { sdp, connectionId: 'c' } },
  { type: 'CANDIDATE', src: 'r', payload: { candidate: 'candidate:1', connectionId: 'c' } },
  { type: 'CANDIDATE', src: 'r', payload: { candidate: { ...candidate, sdpMLineIndex: -1 }, connectionId: 'c' } },
  { type: 'CANDIDATE', src: 'r', payload: { candidate: { ...candidate, sdpMLineIndex: 1.5 }, connectionId: 'c' } },
];

describe('parseServerMessage', () => {
  it.each(HONEST)('reads %j', (message) => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each(HOSTILE.map((message) => JSON.stringify(message)))('reads nothing in %s', (text) => {
    expect(parseServerMessage(text)).toBeUndefined();
  });

  it.each(['', '{', 'undefined', undefined, null, new ArrayBuffer(2), new Blob(['{"type":"OPEN"}'])])(
    'reads nothing in what is no JSON: %j',
    (value) => {
      expect(parseServerMessage(value)).toBeUndefined();
    },
  );

  it('ignores fields that it does not know', () => {
    const text = JSON.stringify({ type: 'LEAVE', src: 'r', dst: 'me', ttl: 4 });
    expect(parseServerMessage(text)).toEqual({ type: 'LEAVE', src: 'r' });
  });

  it('does not even parse what is absurdly long', () => {
    const padding = ' '.repeat(4 * 1024 * 1024);
    expect(parseServerMessage(`{"type":"OPEN"}${padding}`)).toBeUndefined();
    expect(parseServerMessage(`{"type":"OPEN"}${padding.slice(20)}`)).toEqual({ type: 'OPEN' });
  });
});
