// What a page's code does with PeerJS, by PeerJS's types. test/unit/api/public-types.test.ts compiles it with ours in their place.
/* eslint-disable @typescript-eslint/unified-signatures, @typescript-eslint/no-unsafe-class-instance-assignment,
   @typescript-eslint/no-unsafe-enum-assignment, @typescript-eslint/no-unsafe-enum-comparison, @typescript-eslint/no-deprecated,
   @typescript-eslint/no-unnecessary-condition, @typescript-eslint/no-confusing-void-expression -- as pages are written */
import type {
  AnswerOption,
  CallOption,
  ConnectionType,
  DataConnection,
  MediaConnection,
  Peer as PeerJS,
  PeerConnectOption,
  PeerError,
  PeerErrorType,
  PeerOptions,
  Util,
} from 'peerjs';

/** The global, whoever defines it. */
interface PeerClass {
  new (): PeerJS;
  new (options: PeerOptions): PeerJS;
  new (id: string, options?: PeerOptions): PeerJS;
}

const options: PeerOptions = {
  debug: 2,
  host: 'peers.example',
  port: 9000,
  path: '/app',
  key: 'peerjs',
  token: 'secret',
  config: { iceServers: [{ urls: 'stun:stun.example' }] },
  secure: true,
  pingInterval: 5000,
  referrerPolicy: 'no-referrer',
  logFunction: (level, ...rest: unknown[]) => level > 1 && rest.length,
  serializers: {},
};
const connectOptions: PeerConnectOption = { label: 'l', metadata: { a: 1 }, serialization: 'json', reliable: true };
const callOptions: CallOption = { metadata: 'm', sdpTransform: (sdp: string) => sdp };
const answerOptions: AnswerOption = { sdpTransform: (sdp: string) => sdp };

export function main(Peer: PeerClass, util: Util, stream: MediaStream, show: (...values: unknown[]) => void): void {
  new Peer();
  new Peer('id');
  const peer = new Peer(util.validateId('id') ? 'id' : util.randomToken(), options);
  peer.on('open', (id) => show(id.length, peer.id.length, peer.open, peer.options.host));
  peer.once('connection', handle).on('call', (call) => {
    call.answer();
    handleCall(call);
  });
  peer.on('disconnected', (id: string) => !peer.destroyed && peer.disconnected && show(id) && peer.reconnect());
  peer.on('close', () => show(Object.keys(peer.connections)));
  peer.on('error', explain);
  peer.off('error', explain).removeAllListeners('close').removeAllListeners();
  handle(peer.connect('other'));
  handle(peer.connect('other', connectOptions));
  handleCall(peer.call('other', stream, callOptions));
  const known: DataConnection | MediaConnection | null = peer.getConnection('other', 'dc_1');
  known?.close();
  peer.listAllPeers((ids: string[]) => show(ids.length));
  peer.disconnect();
  peer.destroy();

  function handle(connection: DataConnection): void {
    connection.on('open', () => void connection.send({ hello: 'world' }));
    connection.on('data', (data) => show(data, connection.dataChannel.bufferedAmount));
    connection.on('close', () =>
      show(connection.peer, connection.label, connection.reliable, connection.serialization),
    );
    connection.on('error', (error) => error.type === 'not-open-yet' && show(error.message));
    connection.on('iceStateChanged', (state) => state === 'failed' && connection.close({ flush: true }));
    const { peerConnection } = connection;
    peerConnection.addEventListener('connectionstatechange', () => show(peerConnection.connectionState));
    void peerConnection.getStats().then((report) => report.forEach(show));
    const type: `${ConnectionType}` = connection.type;
    show((connection.metadata as { a: number }).a, type, connection.connectionId, connection.open);
  }

  function handleCall(call: MediaConnection): void {
    const video = document.createElement('video');
    call.on('stream', (remote: MediaStream) => (video.srcObject = remote));
    call.on('willCloseOnRemote', () => show(call.localStream, call.remoteStream.getTracks()));
    call.on('close', () => (video.srcObject = null));
    call.on('error', (error) => error.type === 'negotiation-failed' && show(error));
    call.answer(stream, answerOptions);
    show(call.peerConnection.getSenders().map((sender) => sender.replaceTrack(null)));
    call.close();
  }

  function explain(error: PeerError<`${PeerErrorType}`>): void {
    if (error.type === 'unavailable-id' || error.type === 'ssl-unavailable') show(error.message);
    switch (error.type) {
      case 'network':
      case 'peer-unavailable':
        show(error.type);
        return;
      default:
        show(error.stack);
    }
  }
}
