import { describe, expect, it } from 'vitest';
import { MAX_MESSAGE_LENGTH, parseServerMessage } from '../../../../src/engine/signalling/server-messages';
import {
  MAX_CANDIDATE_LENGTH,
  MAX_ID_LENGTH,
  MAX_LABEL_LENGTH,
  MAX_METADATA_LENGTH,
  MAX_SDP_LENGTH,
} from '../../../../src/protocol/bounds';
import { MAX_NESTING } from '../../../../src/protocol/nesting';

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

  it.each(HOSTILE.map((message) => JSON.stringify(message)))('rejects %s', (text) => {
    expect(parseServerMessage(text)).toBeUndefined();
  });

  it.each(['', '{', 'undefined', undefined, null, new ArrayBuffer(2), new Blob(['{"type":"OPEN"}'])])(
    'rejects input that is not JSON: %j',
    (value) => {
      expect(parseServerMessage(value)).toBeUndefined();
    },
  );

  it('ignores unknown fields', () => {
    const text = JSON.stringify({ type: 'LEAVE', src: 'r', dst: 'me', ttl: 4 });
    expect(parseServerMessage(text)).toEqual({ type: 'LEAVE', src: 'r' });
  });

  it('refuses an overlong message without parsing it', () => {
    const padding = ' '.repeat(MAX_MESSAGE_LENGTH);
    expect(parseServerMessage(`{"type":"OPEN"}${padding}`)).toEqual({
      type: 'REFUSED',
      problem: expect.stringContaining('characters') as string,
    });
    expect(parseServerMessage(`{"type":"OPEN"}${padding.slice(20)}`)).toEqual({ type: 'OPEN' });
  });

  it('accepts the longest description and metadata as JSON', () => {
    const line = `a=${'x'.repeat(30)}\r\n`;
    const longest = { type: 'offer', sdp: line.repeat(Math.floor(MAX_SDP_LENGTH / line.length)) };
    const metadata = 'm'.repeat(MAX_METADATA_LENGTH);
    const message = { type: 'OFFER', src: 'r', payload: { ...offerPayload, sdp: longest, metadata } };
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each<[string, object]>([
    ['metadata', { metadata: nested(MAX_NESTING + 1) }],
    ['a member of a custom serializer', { own: { more: nested(MAX_NESTING + 1) } }],
  ])('refuses an offer with %s nested too deep, and names its sender', (_, members) => {
    const message = { type: 'OFFER', src: 'r', payload: { ...offerPayload, ...members } };
    const problem = expect.stringContaining('nested more than 500 deep') as string;
    expect(parseServerMessage(JSON.stringify(message))).toEqual({ type: 'REFUSED', src: 'r', problem });
  });

  it('refuses an offer nested deeper than any stack', () => {
    const text = JSON.stringify({ type: 'OFFER', src: 'r', payload: { ...offerPayload, metadata: 0 } });
    const deep = text.replace('"metadata":0', `"metadata":${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(parseServerMessage(deep)).toMatchObject({ type: 'REFUSED', src: 'r' });
  });

  it('accepts metadata nested as deep as allowed', () => {
    const message = { type: 'OFFER', src: 'r', payload: { ...offerPayload, metadata: nested(MAX_NESTING) } };
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each<[string, object, number]>([
    [
      'sdp',
      { type: 'OFFER', payload: { ...offerPayload, sdp: { type: 'offer', sdp: 'x'.repeat(MAX_SDP_LENGTH + 1) } } },
      MAX_SDP_LENGTH,
    ],
    [
      'label',
      { type: 'OFFER', payload: { ...offerPayload, label: 'x'.repeat(MAX_LABEL_LENGTH + 1) } },
      MAX_LABEL_LENGTH,
    ],
    [
      'connectionId',
      { type: 'ANSWER', payload: { sdp: { type: 'answer', sdp: '' }, connectionId: 'x'.repeat(MAX_ID_LENGTH + 1) } },
      MAX_ID_LENGTH,
    ],
    [
      'candidate',
      {
        type: 'CANDIDATE',
        payload: { connectionId: 'c', candidate: { candidate: 'x'.repeat(MAX_CANDIDATE_LENGTH + 1) } },
      },
      MAX_CANDIDATE_LENGTH,
    ],
  ])('refuses a message whose %s is too long, and names the member', (member, message, length) => {
    expect(parseServerMessage(JSON.stringify({ src: 'r', ...message }))).toEqual({
      type: 'REFUSED',
      src: 'r',
      problem: expect.stringMatching(`${member} is longer than ${length}`) as string,
    });
  });
});

function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth));
}
