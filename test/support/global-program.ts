// A page's code with the globals and Peerport's additions, by src/api/public-globals.d.ts, with which alone
// test/unit/api/public-types.test.ts compiles it.
import type { CallRoute, DataConnection, MediaConnection, PeerErrorType } from '../../src/api/public-types';

export async function main(stream: MediaStream, show: (...values: unknown[]) => void): Promise<void> {
  const peer = new window.Peer(undefined, { port: '9000' });
  new peerjs.Peer({ config: peerjs.util.defaultConfig });
  peer.on('error', ({ type }) =>
    show(type satisfies PeerErrorType, type === 'permission-denied' || type === 'limit-reached'),
  );
  peer.socket.on('message', show);
  peer.socket.send({ type: 'LEAVE', dst: 'other' });
  const connection: DataConnection = peer.connect('other', { serialization: 'none' });
  await connection.send('text').then(() => show(connection.bufferSize));
  const call: MediaConnection = peer.call('other', stream, { route: 'direct' });
  call.answer(stream, { route: 'hosted' });
  const route: CallRoute | undefined = call.route;
  show(route, (await call.getStats()).size, await peerjs.util.pack({}));
  // @ts-expect-error -- no such route
  call.answer(stream, { route: 'relayed' });
  // @ts-expect-error -- no such event
  peer.on('opened', show);
}
