import { describe, expect, expectTypeOf, it } from 'vitest';
import type {
  BackgroundRequest,
  ControlRequest,
  HostRequest,
  Reply,
  ReplyTo,
} from '../../src/protocol/control-messages';
import type { PeerErrorType } from '../../src/protocol/errors';
import type { HostMessage } from '../../src/protocol/host-messages';
import { parsePageMessage, type PageMessage } from '../../src/protocol/page-messages';
import { connectionCreate, peerStart } from '../support/fakes/page-messages';

type Examples<Message extends { type: string }> = { [Type in Message['type']]: (Message & { type: Type })[] };

const forPeer = { peerKey: 1 };
const forConnection = { connectionKey: -1 };
const forCall = { connectionKey: 1, remotePeerId: 'r', connectionId: 'mc_1' };
const offer = { type: 'offer', sdp: 'v=0' } as const;

/** Examples of every page message, with and without optional members. A type without examples does not compile. */
const PAGE_MESSAGES: Examples<PageMessage> = {
  'peer.start': [
    peerStart(),
    peerStart({
      requestedId: 'me',
      leased: true,
      token: 't',
      server: { host: '', port: 'x', path: '', key: '', secure: false },
      config: {
        iceServers: [{ urls: ['turn:a', 'turn:b'], username: 'u', credential: 'c' }, { urls: 'stun:c' }],
        iceTransportPolicy: 'relay',
        bundlePolicy: 'max-bundle',
        rtcpMuxPolicy: 'require',
        iceCandidatePoolSize: 255,
      },
    }),
  ],
  'peer.disconnect': [{ type: 'peer.disconnect', ...forPeer }],
  'peer.destroy': [{ type: 'peer.destroy', ...forPeer }],
  'peer.send': [
    { type: 'peer.send', ...forPeer, message: { type: 'HEARTBEAT' } },
    { type: 'peer.send', ...forPeer, message: { type: 'OFFER', payload: '{"connectionId":"c"}', dst: 'r' } },
  ],
  'peer.connectionGone': [{ type: 'peer.connectionGone', ...forPeer, remotePeerId: 'r', connectionId: 'c' }],
  'peer.watchSocket': [{ type: 'peer.watchSocket', ...forPeer }],
  'peer.listAllPeers': [{ type: 'peer.listAllPeers', ...forPeer, requestId: 0 }],
  'connection.create': [
    connectionCreate(),
    connectionCreate({
      metadata: 'null',
      constraints: { iceRestart: true, offerToReceiveAudio: false },
      transformsSdp: true,
    }),
  ],
  'connection.send': [
    { type: 'connection.send', ...forConnection, announced: [], chunks: [] },
    { type: 'connection.send', ...forConnection, announced: [0, 3], chunks: [Uint8Array.of(1, 2, 3).buffer] },
  ],
  'connection.sendFrames': [
    { type: 'connection.sendFrames', ...forConnection, frames: ['', 'text', new ArrayBuffer(0), new ArrayBuffer(2)] },
  ],
  'connection.abortMessage': [{ type: 'connection.abortMessage', ...forConnection }],
  'connection.close': [{ type: 'connection.close', ...forConnection }],
  'connection.sdpTransformed': [{ type: 'connection.sdpTransformed', ...forConnection, sdp: 'v=0' }],
  'connection.getStats': [{ type: 'connection.getStats', ...forConnection, requestId: 1 }],
  'call.create': [
    { type: 'call.create', ...forPeer, ...forCall, stream: { id: 's', tracks: [] }, transformsSdp: false, config: {} },
    {
      type: 'call.create',
      ...forPeer,
      ...forCall,
      metadata: 'null',
      route: 'direct',
      stream: {
        id: 's',
        tracks: [
          { kind: 'audio', id: 'a' },
          { kind: 'video', id: 'v' },
        ],
      },
      constraints: { offerToReceiveVideo: true },
      transformsSdp: true,
      config: { iceTransportPolicy: 'relay' },
    },
  ],
  'call.answer': [
    { type: 'call.answer', ...forConnection, transformsSdp: false },
    {
      type: 'call.answer',
      ...forConnection,
      route: 'hosted',
      stream: { id: 's', tracks: [{ kind: 'video', id: 'v' }] },
      transformsSdp: true,
    },
  ],
  'call.signal': [
    {
      type: 'call.signal',
      ...forConnection,
      to: 'remote',
      message: { type: 'OFFER', payload: { sdp: { type: 'offer', sdp: 'v=0' }, type: 'media', connectionId: 'mc_1' } },
    },
    {
      type: 'call.signal',
      ...forConnection,
      to: 'host',
      message: {
        type: 'CANDIDATE',
        payload: {
          candidate: { candidate: 'c', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null },
          type: 'media',
          connectionId: 'mc_1',
        },
      },
    },
  ],
  moved: [{ type: 'moved' }],
};

const dataChannel = {
  label: 'l',
  ordered: false,
  protocol: '',
  id: null,
  maxPacketLifeTime: null,
  maxRetransmits: null,
  negotiated: false,
  maxMessageSize: Infinity,
};
const state = {
  connectionState: 'new',
  iceConnectionState: 'new',
  iceGatheringState: 'new',
  signalingState: 'stable',
} as const;
const about = { remotePeerId: 'r', connectionId: 'c', label: 'l', serialization: 'binary', reliable: true };

const HOST_MESSAGES: Examples<HostMessage> = {
  attached: [{ type: 'attached' }],
  moving: [{ type: 'moving' }],
  'peer.open': [{ type: 'peer.open', ...forPeer, epoch: 1, peerId: 'me' }],
  'peer.failed': [
    { type: 'peer.failed', ...forPeer, epoch: 1, error: { type: 'unavailable-id', message: 'm' }, peerId: 'me' },
  ],
  'peer.revoked': [{ type: 'peer.revoked', ...forPeer, message: 'm' }],
  'peer.lost': [{ type: 'peer.lost', ...forPeer, epoch: 1 }],
  'peer.error': [{ type: 'peer.error', ...forPeer, error: { type: 'webrtc', message: 'm' } }],
  'peer.warning': [{ type: 'peer.warning', ...forPeer, message: 'm' }],
  'peer.leave': [{ type: 'peer.leave', ...forPeer, remotePeerId: 'r' }],
  'peer.signal': [{ type: 'peer.signal', ...forPeer, message: { type: 'ANSWER', src: 'r', payload: { a: 1 } } }],
  'peer.closeConnection': [{ type: 'peer.closeConnection', ...forPeer, remotePeerId: 'r', connectionId: 'c' }],
  'peer.socketMessage': [{ type: 'peer.socketMessage', ...forPeer, text: '{"type":"OPEN"}' }],
  'peer.listed': [
    { type: 'peer.listed', ...forPeer, requestId: 1, peerIds: ['a'] },
    { type: 'peer.listed', ...forPeer, requestId: 1 },
  ],
  'connection.incoming': [{ type: 'connection.incoming', ...forPeer, ...forConnection, ...about, metadata: [null] }],
  'call.incoming': [
    { type: 'call.incoming', ...forPeer, ...forConnection, remotePeerId: 'r', connectionId: 'c', metadata: 1, offer },
  ],
  'call.route': [{ type: 'call.route', ...forConnection, route: 'direct', reason: 'r' }],
  'call.accepted': [{ type: 'call.accepted', ...forConnection }],
  'call.signal': [{ type: 'call.signal', ...forConnection, from: 'host', message: { type: 'OFFER', payload: {} } }],
  'call.sending': [
    { type: 'call.sending', ...forConnection, mid: '1', keyFrame: true },
    { type: 'call.sending', ...forConnection, mid: '1', keyFrame: false, maxBitrate: 300_000 },
  ],
  'connection.open': [{ type: 'connection.open', ...forConnection, dataChannel }],
  data: [
    { type: 'data', connectionKeys: [1], data: [null, undefined, 'text', new ArrayBuffer(2), Uint8Array.of(1)] },
    { type: 'data', connectionKeys: [1, -1], data: [{ deep: [new ArrayBuffer(1)] }, NaN] },
  ],
  texts: [{ type: 'texts', connectionKeys: [1, -1], byteLengths: [2, 0], bytes: new ArrayBuffer(2) }],
  'connection.credit': [{ type: 'connection.credit', ...forConnection, bytes: 1, window: 2 }],
  'connection.closed': [{ type: 'connection.closed', ...forConnection }],
  'connection.error': [
    { type: 'connection.error', ...forConnection, error: { type: 'message-too-big', message: 'm' } },
  ],
  'connection.state': [
    { type: 'connection.state', ...forConnection, state, iceStateChanged: true },
    {
      type: 'connection.state',
      ...forConnection,
      state: { ...state, localDescription: { type: 'offer', sdp: 'v=0' } },
      iceStateChanged: false,
    },
  ],
  'connection.sdp': [{ type: 'connection.sdp', ...forConnection, sdp: 'v=0' }],
  'connection.stats': [
    { type: 'connection.stats', ...forConnection, requestId: 1, stats: [['T', { timestamp: 1.5 }]] },
  ],
};

const pageMessages = Object.values(PAGE_MESSAGES).flat() as PageMessage[];
const hostMessages = Object.values(HOST_MESSAGES).flat() as HostMessage[];

describe('page messages', () => {
  it.each(pageMessages.map((message) => [message.type, message] as const))(
    '%s survives the port and the guard',
    (_, message) => {
      expect(parsePageMessage(structuredClone(message))).toEqual(message);
    },
  );

  it.each(pageMessages.map((message) => [message.type, message] as const))(
    '%s is refused if any required field is missing',
    (_, message) => {
      const optional = ['requestedId', 'leased', 'token', 'metadata', 'constraints', 'route'];
      // An answer needs no stream, a call does.
      if (message.type === 'call.answer') optional.push('stream');
      for (const field of Object.keys(message).filter((name) => !optional.includes(name))) {
        const { [field as 'type']: _left, ...rest } = message;
        expect(parsePageMessage(rest), field).toBeUndefined();
      }
    },
  );

  it.each(hostMessages.map((message) => [message.type, message] as const))(
    'do not include the host message %s',
    (_, message) => {
      expect(parsePageMessage(message)).toBeUndefined();
    },
  );

  it('have no member for an origin', () => {
    expectTypeOf<Extract<PageMessage, { origin: unknown }>>().toEqualTypeOf<never>();
  });
});

describe('host messages', () => {
  it.each(hostMessages.map((message) => [message.type, message] as const))('%s survives the port', (_, message) => {
    expect(structuredClone(message)).toEqual(message);
  });

  it('carry the epoch of the attempt that they answer', () => {
    type Answer = Extract<HostMessage, { type: 'peer.open' | 'peer.failed' | 'peer.lost' }>;
    expectTypeOf<Answer['epoch']>().toEqualTypeOf<number>();
  });
});

describe('control messages', () => {
  it('have one reply each', () => {
    expectTypeOf<keyof ReplyTo>().toEqualTypeOf<ControlRequest['type']>();
  });

  it('name their addressee', () => {
    expectTypeOf<BackgroundRequest['to']>().toEqualTypeOf<'background'>();
    expectTypeOf<HostRequest['to']>().toEqualTypeOf<'host'>();
  });

  it('get the reply of their type', () => {
    type Answer = Reply<Extract<ControlRequest, { type: 'release' }>>;
    expectTypeOf<Answer>().toEqualTypeOf<{ isIdle: boolean }>();
  });

  it('have no reply that looks like the lack of a reply', () => {
    expectTypeOf<Extract<ReplyTo[keyof ReplyTo], null | undefined>>().toEqualTypeOf<never>();
  });

  it('carry only what JSON carries, because a browser may use JSON', () => {
    const messages: ControlRequest[] = [
      {
        ...{ to: 'background', type: 'attach', start: peerStart(), mark: { status: 'marked', value: '0' } },
        ...{ ancestors: ['null'], hasUserActed: true },
      },
      { to: 'background', type: 'host.idle' },
      { to: 'host', type: 'release' },
    ];
    for (const message of messages) expect(JSON.parse(JSON.stringify(message))).toEqual(message);
  });
});

describe('error types', () => {
  it('include Peerport’s permission-denied and leave out ssl-unavailable', () => {
    expectTypeOf<'permission-denied'>().toExtend<PeerErrorType>();
    expectTypeOf<'ssl-unavailable'>().not.toExtend<PeerErrorType>();
  });
});
