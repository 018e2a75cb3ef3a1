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
    ['nothing', undefined],
    ['null', null],
    ['text', 'moved'],
    ['an array', [{ type: 'moved' }]],
    ['no type', {}],
    ['a type of the prototype', { type: 'toString' }],
    ['a type that reads like one', { type: ['moved'] }],
    ['a Peer 0', peerStart({ peerKey: 0 })],
    ['a Peer -1', peerStart({ peerKey: -1 })],
    ['a Peer 1.5', peerStart({ peerKey: 1.5 })],
    ['a Peer NaN', peerStart({ peerKey: NaN })],
    ['a Peer beyond exact integers', peerStart({ peerKey: 2 ** 53 })],
    ['an epoch -1', peerStart({ epoch: -1 })],
    ['heartbeats without rest', peerStart({ pingInterval: 99 })],
    ['a heartbeat of NaN', peerStart({ pingInterval: NaN })],
    ['an ID that is none', { ...peerStart(), requestedId: {} }],
    ['a server without a host', { ...peerStart(), server: { ...peerStart().server, host: undefined } }],
    ['a port -1', peerStart({ server: { ...peerStart().server, port: -1 } })],
    ['a secure that is no boolean', { ...peerStart(), server: { ...peerStart().server, secure: 'yes' } }],
    ['no configuration', { ...peerStart(), config: undefined }],
    ['a connection under a key of the host’s', connectionCreate({ connectionKey: -1 })],
    ['a connection 0', connectionCreate({ connectionKey: 0 })],
    ['metadata that is no text', { ...connectionCreate(), metadata: {} }],
    ['constraints that are objects', { ...connectionCreate(), constraints: { iceRestart: {} } }],
    ['ICE servers without end', connectionCreate({ config: { iceServers: new Array(2 ** 32 - 1) } })],
    ['65 ICE servers', connectionCreate({ config: { iceServers: new Array(65).fill({ urls: 'stun:a' }) } })],
    ['65 URLs', connectionCreate({ config: { iceServers: [{ urls: new Array(65).fill('stun:a') }] } })],
    ['URLs without end', connectionCreate({ config: { iceServers: [{ urls: new Array(2 ** 32 - 1) }] } })],
    ['a length -1', { ...send, announced: [-1] }],
    ['a length 0.5', { ...send, announced: [0.5] }],
    ['a length of infinity', { ...send, announced: [Infinity] }],
    ['65 537 announcements', { ...send, announced: new Array(65_537).fill(1) }],
    ['announcements with holes', { ...send, announced: new Array(3) }],
    ['views for chunks', { ...send, chunks: [new Uint8Array(1)] }],
    ['an array-like for chunks', { ...send, chunks: { length: 1, 0: new ArrayBuffer(1) } }],
    ['a Blob for a frame', { ...frames, frames: [new Blob()] }],
    ['a number for a frame', { ...frames, frames: [1] }],
    ['a call under a key of the host’s', callCreate({ connectionKey: -1 })],
    ['a call of no Peer', callCreate({ peerKey: 0 })],
    ['a call without a stream', { ...callCreate(), stream: undefined }],
    ['a route that is none', { ...callCreate(), route: 'toString' }],
    ['a track of neither kind', { ...callCreate(), stream: { id: 's', tracks: [{ kind: 'application', id: 't' }] } }],
    ['65 tracks', { ...callCreate(), stream: { id: 's', tracks: new Array(65).fill({ kind: 'audio', id: 't' }) } }],
    [
      'tracks that are an object',
      { ...callCreate(), stream: { id: 's', tracks: { length: 1, 0: { kind: 'audio', id: 't' } } } },
    ],
    ['a stream without a name', { ...callCreate(), stream: { tracks: [] } }],
    ['call metadata that are no text', { ...callCreate(), metadata: {} }],
    ['call constraints that are objects', { ...callCreate(), constraints: { offerToReceiveAudio: {} } }],
    ['an answer by another route', { ...callAnswer(), route: 'relay' }],
    ['an answer that does not say whether it transforms', { ...callAnswer(), transformsSdp: undefined }],
    ['an end without a remote peer', { type: 'peer.connectionGone', peerKey: 1, connectionId: 'dc_1' }],
    ['a signal to somebody else', { ...callSignal(), to: 'background' }],
    ['a signal that PeerServer takes for its own', callSignal({}, 'LEAVE')],
    ['a signal without a payload', { ...callSignal(), message: { type: 'OFFER' } }],
    ['a signal for data', callSignal({ type: 'data' })],
    ['a signal for no connection', callSignal({ connectionId: undefined })],
    ['a signal with a description that is text', callSignal({ sdp: 'v=0' })],
    ['a signal with a rollback', callSignal({ sdp: { type: 'rollback', sdp: '' } })],
    ['a payload for PeerServer that is no text', { ...peerSend('{}'), message: { type: 'OFFER', payload: {} } }],
    ['a signal with a candidate that is text', callSignal({ candidate: 'candidate:1' })],
    ['a signal with a candidate of a line -1', callSignal({ candidate: { candidate: '', sdpMLineIndex: -1 } })],
    ['a host’s message', { type: 'attached' }],
  ])('refuses %s', (_, value) => {
    expect(parsePageMessage(value)).toBeUndefined();
  });

  it('leaves out what it does not know, so that no claim of an origin comes in', () => {
    const message = { ...peerStart(), origin: 'https://bank.example', server: { ...peerStart().server, extra: 1 } };
    expect(parsePageMessage(message)).toEqual(peerStart());
  });

  // The host makes JSON of what it passes on: of an array with four thousand million holes it would never be done.
  it('leaves out of a signal what is none of it', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const message = callSignal({ metadata: cyclic, many: new Array(2 ** 32 - 1), big: 1n });
    expect(parsePageMessage(message)).toEqual(callSignal());
  });

  it.each([
    ['tracks', { ...callCreate(), stream: { id: 's', tracks: new Array(2 ** 32 - 1) } }],
    ['announcements', { ...send, announced: new Array(2 ** 32 - 1) }],
    ['frames', { ...frames, frames: new Array(2 ** 32 - 1) }],
  ])('refuses endless %s at the first that is missing', (_, message) => {
    expect(parsePageMessage(message)).toBeUndefined();
  });

  it('leaves out members of a configuration that do not cross a port', () => {
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
    ['one of its URLs', 1024, (url) => peerStart({ config: { iceServers: [{ urls: [url] }] } })],
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
  ])('takes %s nested as deep as a port carries, and none deeper', (_, make) => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(parsePageMessage(make(nested(MAX_NESTING)))).toBeDefined();
    expect(parsePageMessage(make(nested(MAX_NESTING + 1)))).toBeUndefined();
  });

  // What the browser throws for it, the page has to hear when it connects, and not before.
  it.each<[string, unknown, unknown]>([
    ['text for a list of servers', { iceServers: 'nonsense' }, { iceServers: 'nonsense' }],
    ['an object for a list of servers', { iceServers: { length: 2 ** 32 } }, { iceServers: {} }],
    ['text for a server', { iceServers: ['stun:a', null] }, { iceServers: ['stun:a', null] }],
    ['a server without URLs', { iceServers: [{}] }, { iceServers: [{}] }],
    ['a number for a URL', { iceServers: [{ urls: [7] }] }, { iceServers: [{ urls: [7] }] }],
    ['a list for a URL', { iceServers: [{ urls: [['turn:a']] }] }, { iceServers: [{ urls: [{}] }] }],
    ['no list at all', { iceServers: null }, { iceServers: null }],
    ['an object for a policy', { bundlePolicy: { a: [1] } }, { bundlePolicy: {} }],
    ['a policy that is none', { rtcpMuxPolicy: 'sometimes' }, { rtcpMuxPolicy: 'sometimes' }],
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

  it('leaves out what createOffer does not read', () => {
    const constraints = { offerToReceiveAudio: true, iceRestart: 1, mandatory: { a: 1 }, ['x'.repeat(1000)]: 'x' };
    expect(parsePageMessage({ ...connectionCreate(), constraints })).toMatchObject({
      constraints: { offerToReceiveAudio: true, iceRestart: 1 },
    });
  });

  it('takes the keys of connections that the host has accepted', () => {
    expect(parsePageMessage({ ...send, connectionKey: -3 })).toBeDefined();
  });

  it('does not copy bytes', () => {
    expect(parsePageMessage(send)).toMatchObject({ chunks: [send.chunks[0]] });
    expect((parsePageMessage(send) as typeof send).chunks[0]).toBe(send.chunks[0]);
  });

  // Timers hold 31 bits of milliseconds: beyond, a heartbeat is sent every few milliseconds.
  it.each([2 ** 31, Infinity])('refuses a heartbeat every %d ms', (pingInterval) => {
    expect(parsePageMessage(peerStart({ pingInterval }))).toBeUndefined();
  });
});

describe('parsePeerStart', () => {
  it('takes a start and nothing else', () => {
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
    ['a heartbeat without rest', peerStart({ pingInterval: 1 }), 'pingInterval', /not in its range/],
    ['another type', { type: 'moves' }, 'type', /`type`/],
    ['nothing', undefined, undefined, /The message/],
  ])('names what is wrong with %s', (_, value, path, words) => {
    expect(problemOf(value)).toEqual({ path, message: expect.stringMatching(words) as string });
  });

  it('repeats nothing of the value', () => {
    const { message } = problemOf(connectionCreate({ reliable: 'secret'.repeat(1000) as never }));
    expect(message).not.toContain('secret');
  });
});
