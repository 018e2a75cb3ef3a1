// Messages in the form that a page posts.
import type { CallAnswer, CallCreate, ConnectionCreate, PeerStart } from '../../../src/protocol/page-messages';

export function peerStart(start: Partial<PeerStart> = {}): PeerStart {
  const server = { host: 'signal.example', port: 443, path: '/', key: 'peerjs', secure: true };
  return { type: 'peer.start', peerKey: 1, epoch: 1, server, pingInterval: 5000, config: {}, ...start };
}

export function connectionCreate(create: Partial<ConnectionCreate> = {}): ConnectionCreate {
  return {
    type: 'connection.create',
    peerKey: 1,
    connectionKey: 1,
    remotePeerId: 'remote',
    connectionId: 'dc_1',
    label: 'dc_1',
    serialization: 'binary',
    reliable: false,
    transformsSdp: false,
    config: {},
    ...create,
  };
}

export function callCreate(create: Partial<CallCreate> = {}): CallCreate {
  return {
    type: 'call.create',
    peerKey: 1,
    connectionKey: 1,
    remotePeerId: 'remote',
    connectionId: 'mc_1',
    stream: {
      id: 'stream',
      tracks: [
        { kind: 'audio', id: 'a' },
        { kind: 'video', id: 'v' },
      ],
    },
    transformsSdp: false,
    config: {},
    ...create,
  };
}

export function callAnswer(answer: Partial<CallAnswer> = {}): CallAnswer {
  return { type: 'call.answer', connectionKey: -1, transformsSdp: false, ...answer };
}
