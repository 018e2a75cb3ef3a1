import { describe, expect, it } from 'vitest';
import { parsePageMessage, parsePeerStart } from '../../../src/protocol/page-messages';
import { callAnswer, callCreate, connectionCreate, peerStart } from '../../support/fakes/page-messages';

const LONGEST = 1 << 20;
const send = { type: 'connection.send', connectionKey: 1, announced: [1], chunks: [new ArrayBuffer(1)] };
const frames = { type: 'connection.sendFrames', connectionKey: 1, frames: ['a', new ArrayBuffer(1)] };

function callSignal(payload: Record<string, unknown> = {}, type = 'OFFER') {
  const usual = { sdp: { type: 'offer', sdp: 'v=0' }, type: 'media', connectionId: 'mc_1' };
  return { type: 'call.signal', connectionKey: 1, to: 'remote', message: { type, payload: { ...usual, ...payload } } };
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
    ['an ID beyond all measure', peerStart({ requestedId: 'x'.repeat(LONGEST + 1) })],
    ['a server without a host', { ...peerStart(), server: { ...peerStart().server, host: undefined } }],
    ['a port -1', peerStart({ server: { ...peerStart().server, port: -1 } })],
    ['a secure that is no boolean', { ...peerStart(), server: { ...peerStart().server, secure: 'yes' } }],
    ['no configuration', { ...peerStart(), config: undefined }],
    ['a connection under a key of the host’s', connectionCreate({ connectionKey: -1 })],
    ['a connection 0', connectionCreate({ connectionKey: 0 })],
    ['metadata that is no text', { ...connectionCreate(), metadata: {} }],
    ['constraints that are objects', { ...connectionCreate(), constraints: { mandatory: {} } }],
    ['a label beyond all measure', connectionCreate({ label: 'x'.repeat(LONGEST + 1) })],
    ['ICE servers without end', connectionCreate({ config: { iceServers: new Array(2 ** 32 - 1) } })],
    ['257 ICE servers', connectionCreate({ config: { iceServers: new Array(257).fill({ urls: 'stun:a' }) } })],
    ['URLs without end', connectionCreate({ config: { iceServers: [{ urls: new Array(2 ** 32 - 1) }] } })],
    ['bytes for ICE servers', connectionCreate({ config: { iceServers: new Uint8Array(1 << 20) } })],
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
    ['call constraints that are objects', { ...callCreate(), constraints: { mandatory: {} } }],
    ['an answer by another route', { ...callAnswer(), route: 'relay' }],
    ['an answer that does not say whether it transforms', { ...callAnswer(), transformsSdp: undefined }],
    ['an end without a remote peer', { type: 'peer.connectionGone', peerKey: 1, connectionId: 'dc_1' }],
    [
      'an end of an ID beyond all measure',
      { type: 'peer.connectionGone', peerKey: 1, remotePeerId: 'r', connectionId: 'x'.repeat(LONGEST + 1) },
    ],
    ['a signal to somebody else', { ...callSignal(), to: 'background' }],
    ['a signal that PeerServer takes for its own', callSignal({}, 'LEAVE')],
    ['a signal without a payload', { ...callSignal(), message: { type: 'OFFER' } }],
    ['a signal for data', callSignal({ type: 'data' })],
    ['a signal for no connection', callSignal({ connectionId: undefined })],
    ['a signal with a description that is text', callSignal({ sdp: 'v=0' })],
    ['a signal with a rollback', callSignal({ sdp: { type: 'rollback', sdp: '' } })],
    [
      'a signal with a description beyond all measure',
      callSignal({ sdp: { type: 'offer', sdp: 'x'.repeat(LONGEST + 1) } }),
    ],
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

  it('takes the longest text that it allows', () => {
    expect(parsePageMessage(connectionCreate({ label: 'x'.repeat(LONGEST) }))).toBeDefined();
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
