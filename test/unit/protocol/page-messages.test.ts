import { describe, expect, it } from 'vitest';
import {
  MAX_CANDIDATE_LENGTH,
  MAX_ID_LENGTH,
  MAX_LABEL_LENGTH,
  MAX_METADATA_LENGTH,
  MAX_NAME_LENGTH,
  MAX_SDP_LENGTH,
  MAX_SIGNAL_LENGTH,
} from '../../../src/protocol/bounds';
import { MAX_NESTING } from '../../../src/protocol/nesting';
import { parsePageMessage, parsePeerStart, problemOf } from '../../../src/protocol/page-messages';
import { callAnswer, callCreate, connectionCreate, peerStart } from '../../support/fakes/page-messages';

const send = { type: 'connection.send', connectionKey: 1, announced: [1], chunks: [new ArrayBuffer(1)] };
const frames = { type: 'connection.sendFrames', connectionKey: 1, frames: ['a', new ArrayBuffer(1)] };

function callSignal(payload: Record<string, unknown> = {}, type = 'OFFER') {
  const usual = { sdp: { type: 'offer', sdp: 'v=0' }, type: 'media', connectionId: 'mc_1' };
  return { type: 'call.signal', connectionKey: 1, to: 'remote', message: { type, payload: { ...usual, ...payload } } };
}

function peerSend(payload: string) {
  return { type: 'peer.send', peerKey: 1, message: { type: 'OFFER', payload, dst: 'remote' } };
}

describe('parsePageMessage', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['text', 'moved'],
    ['an array', [{ type: 'moved' }]],
    ['no type', {}],
    ['a type of the prototype', { type: 'toString' }],
    ['a type in an array', { type: ['moved'] }],
    ['the Peer key 0', peerStart({ peerKey: 0 })],
    ['the Peer key -1', peerStart({ peerKey: -1 })],
    ['the Peer key 1.5', peerStart({ peerKey: 1.5 })],
    ['the Peer key NaN', peerStart({ peerKey: NaN })],
    ['a Peer key beyond exact integers', peerStart({ peerKey: 2 ** 53 })],
    ['the epoch -1', peerStart({ epoch: -1 })],
    ['a heartbeat more often than every 100 ms', peerStart({ pingInterval: 99 })],
    ['a heartbeat every NaN ms', peerStart({ pingInterval: NaN })],
    ['a requested ID that is an object', { ...peerStart(), requestedId: {} }],
    ['a server without a host', { ...peerStart(), server: { ...peerStart().server, host: undefined } }],
    ['the port -1', peerStart({ server: { ...peerStart().server, port: -1 } })],
    ['a `secure` that is text', { ...peerStart(), server: { ...peerStart().server, secure: 'yes' } }],
    ['a start without a configuration', { ...peerStart(), config: undefined }],
    ['a connection key reserved for the host', connectionCreate({ connectionKey: -1 })],
    ['the connection key 0', connectionCreate({ connectionKey: 0 })],
    ['metadata that is an object', { ...connectionCreate(), metadata: {} }],
    ['constraints that are objects', { ...connectionCreate(), constraints: { iceRestart: {} } }],
    ['a huge list of ICE servers', connectionCreate({ config: { iceServers: new Array(2 ** 32 - 1) } })],
    ['65 ICE servers', connectionCreate({ config: { iceServers: new Array(65).fill({ urls: 'stun:a' }) } })],
    [
      '65 URLs of an ICE server',
      connectionCreate({ config: { iceServers: [{ urls: new Array(65).fill('stun:a') }] } }),
    ],
    ['a huge list of URLs', connectionCreate({ config: { iceServers: [{ urls: new Array(2 ** 32 - 1) }] } })],
    ['an announced length of -1', { ...send, announced: [-1] }],
    ['an announced length of 0.5', { ...send, announced: [0.5] }],
    ['an announced length of Infinity', { ...send, announced: [Infinity] }],
    ['65 537 announced lengths', { ...send, announced: new Array(65_537).fill(1) }],
    ['announced lengths with holes', { ...send, announced: new Array(3) }],
    ['a view as a chunk', { ...send, chunks: [new Uint8Array(1)] }],
    ['an array-like object of chunks', { ...send, chunks: { length: 1, 0: new ArrayBuffer(1) } }],
    ['a Blob as a frame', { ...frames, frames: [new Blob()] }],
    ['a number as a frame', { ...frames, frames: [1] }],
    ['a call key reserved for the host', callCreate({ connectionKey: -1 })],
    ['a call of the Peer 0', callCreate({ peerKey: 0 })],
    ['a call without a stream', { ...callCreate(), stream: undefined }],
    ['a call by an unknown route', { ...callCreate(), route: 'toString' }],
    [
      'a track that is neither audio nor video',
      { ...callCreate(), stream: { id: 's', tracks: [{ kind: 'application', id: 't' }] } },
    ],
    ['65 tracks', { ...callCreate(), stream: { id: 's', tracks: new Array(65).fill({ kind: 'audio', id: 't' }) } }],
    [
      'tracks that are an object',
      { ...callCreate(), stream: { id: 's', tracks: { length: 1, 0: { kind: 'audio', id: 't' } } } },
    ],
    ['a stream without a name', { ...callCreate(), stream: { tracks: [] } }],
    ['call metadata that is an object', { ...callCreate(), metadata: {} }],
    ['call constraints that are objects', { ...callCreate(), constraints: { offerToReceiveAudio: {} } }],
    ['an answer by an unknown route', { ...callAnswer(), route: 'relay' }],
    ['an answer without `transformsSdp`', { ...callAnswer(), transformsSdp: undefined }],
    [
      'a `peer.connectionGone` without a remote peer',
      { type: 'peer.connectionGone', peerKey: 1, connectionId: 'dc_1' },
    ],
    ['a signal to an unknown addressee', { ...callSignal(), to: 'background' }],
    ['a signal of a type reserved for PeerServer', callSignal({}, 'LEAVE')],
    ['a signal without a payload', { ...callSignal(), message: { type: 'OFFER' } }],
    ['a signal for a data connection', callSignal({ type: 'data' })],
    ['a signal without a connection ID', callSignal({ connectionId: undefined })],
    ['a signal with a description that is text', callSignal({ sdp: 'v=0' })],
    ['a signal with a rollback', callSignal({ sdp: { type: 'rollback', sdp: '' } })],
    ['a payload for PeerServer that is an object', { ...peerSend('{}'), message: { type: 'OFFER', payload: {} } }],
    ['a signal with a candidate that is text', callSignal({ candidate: 'candidate:1' })],
    ['a signal with a candidate of line -1', callSignal({ candidate: { candidate: '', sdpMLineIndex: -1 } })],
    ['a message of the host', { type: 'attached' }],
  ])('refuses %s', (_, value) => {
    expect(parsePageMessage(value)).toBeUndefined();
  });

  it('drops unknown members, so that no page can claim an origin', () => {
    const message = { ...peerStart(), origin: 'https://bank.example', server: { ...peerStart().server, extra: 1 } };
    expect(parsePageMessage(message)).toEqual(peerStart());
  });

  // The host converts signals to JSON: an array with four billion holes would keep it busy forever.
  it('drops unknown members of a signal', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const message = callSignal({ metadata: cyclic, many: new Array(2 ** 32 - 1), big: 1n });
    expect(parsePageMessage(message)).toEqual(callSignal());
  });

  it.each([
    ['tracks', { ...callCreate(), stream: { id: 's', tracks: new Array(2 ** 32 - 1) } }],
    ['announced lengths', { ...send, announced: new Array(2 ** 32 - 1) }],
    ['frames', { ...frames, frames: new Array(2 ** 32 - 1) }],
  ])('refuses a huge list of %s at its first hole', (_, message) => {
    expect(parsePageMessage(message)).toBeUndefined();
  });

  it('drops members of a configuration that cannot cross a port', () => {
    const config = { iceServers: [{ urls: 'stun:a' }], certificates: [], sdpSemantics: 'unified-plan' };
    expect(parsePageMessage({ ...peerStart(), config })).toMatchObject({
      config: { iceServers: [{ urls: 'stun:a' }] },
    });
    expect(parsePageMessage({ ...peerStart(), config })).not.toHaveProperty('config.sdpSemantics');
  });

  it.each<[string, number, (text: string) => unknown]>([
    ['an ID', MAX_ID_LENGTH, (requestedId) => peerStart({ requestedId })],
    ['a token', MAX_ID_LENGTH, (token) => peerStart({ token })],
    ['the name of a serializer', MAX_NAME_LENGTH, (name) => peerStart({ serializers: [name] })],
    ['a remote ID', MAX_ID_LENGTH, (remotePeerId) => connectionCreate({ remotePeerId })],
    ['the ID of a connection', MAX_ID_LENGTH, (connectionId) => callCreate({ connectionId })],
    ['a label', MAX_LABEL_LENGTH, (label) => connectionCreate({ label })],
    ['a serialization', MAX_NAME_LENGTH, (serialization) => connectionCreate({ serialization })],
    ['metadata', MAX_METADATA_LENGTH, (metadata) => connectionCreate({ metadata })],
    ['the metadata of a call', MAX_METADATA_LENGTH, (metadata) => callCreate({ metadata })],
    ['a payload for PeerServer', MAX_SIGNAL_LENGTH, peerSend],
    ['the name of a stream', MAX_NAME_LENGTH, (id) => callCreate({ stream: { id, tracks: [] } })],
    ['a track', MAX_NAME_LENGTH, (id) => callCreate({ stream: { id: 's', tracks: [{ kind: 'audio', id }] } })],
    ['a description', MAX_SDP_LENGTH, (sdp) => callSignal({ sdp: { type: 'offer', sdp } })],
    [
      'a transformed description',
      MAX_SDP_LENGTH,
      (sdp) => ({ type: 'connection.sdpTransformed', connectionKey: 1, sdp }),
    ],
    ['a candidate', MAX_CANDIDATE_LENGTH, (candidate) => callSignal({ candidate: { candidate } })],
    ['a URL of an ICE server', 1024, (urls) => peerStart({ config: { iceServers: [{ urls }] } })],
    ['a URL in an ICE server’s list', 1024, (url) => peerStart({ config: { iceServers: [{ urls: [url] }] } })],
    [
      'a credential',
      4096,
      (credential) => peerStart({ config: { iceServers: [{ urls: 'turn:a', username: 'u', credential }] } }),
    ],
    ['a policy', 64, (iceTransportPolicy) => peerStart({ config: { iceTransportPolicy } })],
  ])('takes %s of up to %d characters', (_, length, make) => {
    expect(parsePageMessage(make('x'.repeat(length)))).toBeDefined();
    expect(parsePageMessage(make('x'.repeat(length + 1)))).toBeUndefined();
  });

  it('takes a configuration of up to 64 KiB', () => {
    const withServers = (count: number) =>
      peerStart({ config: { iceServers: new Array(count).fill({ urls: 'stun:a', credential: 'c'.repeat(4000) }) } });
    expect(parsePageMessage(withServers(16))).toBeDefined();
    expect(parsePageMessage(withServers(17))).toBeUndefined();
  });

  it.each([
    ['metadata', (metadata: string) => connectionCreate({ metadata })],
    ['the metadata of a call', (metadata: string) => callCreate({ metadata })],
    ['a payload for PeerServer', peerSend],
  ])('takes %s nested up to the limit, and refuses deeper nesting', (_, make) => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(parsePageMessage(make(nested(MAX_NESTING)))).toBeDefined();
    expect(parsePageMessage(make(nested(MAX_NESTING + 1)))).toBeUndefined();
  });

  // The browser judges these values: its error must reach the page when it connects, and not before.
  it.each<[string, unknown, unknown]>([
    ['text in place of the list of servers', { iceServers: 'nonsense' }, { iceServers: 'nonsense' }],
    ['an object in place of the list of servers', { iceServers: { length: 2 ** 32 } }, { iceServers: {} }],
    ['text in place of a server', { iceServers: ['stun:a', null] }, { iceServers: ['stun:a', null] }],
    ['a server without URLs', { iceServers: [{}] }, { iceServers: [{}] }],
    ['a number for a URL', { iceServers: [{ urls: [7] }] }, { iceServers: [{ urls: [7] }] }],
    ['a list for a URL', { iceServers: [{ urls: [['turn:a']] }] }, { iceServers: [{ urls: [{}] }] }],
    ['no list at all', { iceServers: null }, { iceServers: null }],
    ['an object for a policy', { bundlePolicy: { a: [1] } }, { bundlePolicy: {} }],
    ['an unknown policy', { rtcpMuxPolicy: 'sometimes' }, { rtcpMuxPolicy: 'sometimes' }],
    ['text for a number', { iceCandidatePoolSize: 'many' }, { iceCandidatePoolSize: 'many' }],
    [
      'what a server has beside what browsers read',
      { iceServers: [{ urls: 'stun:a', url: 'stun:b', credentialType: 'password', extra: [[]] }] },
      { iceServers: [{ urls: 'stun:a', url: 'stun:b' }] },
    ],
  ])('leaves it to the browser to judge a configuration with %s', (_, config, expected) => {
    expect(parsePageMessage({ ...peerStart(), config })).toMatchObject({ config: expected });
    expect(parsePageMessage({ ...peerStart(), config })).toEqual({ ...peerStart(), config: expected });
  });

  it('drops constraints that createOffer does not read', () => {
    const constraints = { offerToReceiveAudio: true, iceRestart: 1, mandatory: { a: 1 }, ['x'.repeat(1000)]: 'x' };
    expect(parsePageMessage({ ...connectionCreate(), constraints })).toMatchObject({
      constraints: { offerToReceiveAudio: true, iceRestart: 1 },
    });
  });

  it('takes the keys of incoming connections', () => {
    expect(parsePageMessage({ ...send, connectionKey: -3 })).toBeDefined();
  });

  it('does not copy bytes', () => {
    expect(parsePageMessage(send)).toMatchObject({ chunks: [send.chunks[0]] });
    expect((parsePageMessage(send) as typeof send).chunks[0]).toBe(send.chunks[0]);
  });

  // Timers hold 31 bits of milliseconds: a longer interval overflows, and the host would send heartbeats without a pause.
  it.each([2 ** 31, Infinity])('refuses a heartbeat every %d ms', (pingInterval) => {
    expect(parsePageMessage(peerStart({ pingInterval }))).toBeUndefined();
  });
});

describe('parsePeerStart', () => {
  it('takes a `peer.start` and no other message', () => {
    expect(parsePeerStart(peerStart())).toEqual(peerStart());
    expect(parsePeerStart(connectionCreate())).toBeUndefined();
    expect(parsePeerStart(undefined)).toBeUndefined();
  });
});

describe('problemOf', () => {
  it.each<[string, unknown, string | undefined, RegExp]>([
    ['a label that is too long', connectionCreate({ label: 'x'.repeat(5000) }), 'label', /`label` is longer than 4096/],
    ['a missing host', { ...peerStart(), server: {} }, 'server.host', /`server.host` is missing/],
    [
      'metadata nested too deep',
      connectionCreate({ metadata: '['.repeat(1000) }),
      'metadata',
      /`metadata` is nested more than 500 deep/,
    ],
    [
      'too many servers',
      peerStart({ config: { iceServers: new Array(65).fill({}) } }),
      'config.iceServers',
      /more than 64 entries/,
    ],
    ['a heartbeat every millisecond', peerStart({ pingInterval: 1 }), 'pingInterval', /out of range/],
    ['an unknown type', { type: 'moves' }, 'type', /`type`/],
    ['undefined', undefined, undefined, /The message/],
  ])('names the problem of %s', (_, value, path, words) => {
    expect(problemOf(value)).toEqual({ path, message: expect.stringMatching(words) as string });
  });

  it('does not quote the value', () => {
    const { message } = problemOf(connectionCreate({ reliable: 'secret'.repeat(1000) as never }));
    expect(message).not.toContain('secret');
  });
});
