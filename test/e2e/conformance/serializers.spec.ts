// Custom serializers, shown by PeerJS's published MsgPack class. Their connections belong to the page, and only their signalling
// goes through the Peer's socket.
import type { JSHandle } from '@playwright/test';
import { eachImplementation, eachPairing } from '../../support/conformance';
import { uniqueId } from '../../support/fixtures';
import { openWithMsgPack } from '../../support/msgpack';

eachPairing('PeerJS’s MsgPack serializer carries data both ways', {
  run: async ({ dialler, answerer }, { peerServer }) => {
    const ids = { dialler: uniqueId('dialler'), answerer: uniqueId('answerer') };
    const from = await openWithMsgPack(dialler, ids.dialler, peerServer.peerOptions);
    const to = await openWithMsgPack(answerer, ids.answerer, peerServer.peerOptions);
    const answered: Promise<JSHandle<unknown>> = to.evaluateHandle(
      (peer) =>
        new Promise((resolve) => {
          peer.on('connection', (connection) => {
            connection.on('data', (data) => {
              void connection.send({ echo: data, bytes: new Uint8Array([1, 2]) });
              resolve([connection.label, connection.serialization, connection.metadata]);
            });
          });
        }),
    );
    const returned = await from.evaluate(
      (peer, to) =>
        new Promise((resolve) => {
          const options = { serialization: 'MsgPack', label: 'own', metadata: { a: 1 } };
          const connection = peer.connect(to, options);
          connection.on('open', () => void connection.send({ date: new Date(0), list: [1, 'zwei', null] }));
          connection.on('data', (data) => {
            const { echo, bytes } = data as { echo: { date: Date; list: unknown }; bytes: Uint8Array };
            resolve({ date: echo.date.getTime(), list: echo.list, bytes: Array.from(bytes) });
          });
        }),
      ids.answerer,
    );
    return { returned, answered: await (await answered).jsonValue() };
  },
  expected: {
    returned: { date: 0, list: [1, 'zwei', null], bytes: [1, 2] },
    answered: ['own', 'MsgPack', { a: 1 }],
  },
});

eachImplementation('peer.socket sends messages to the server and emits the server’s messages', {
  run: async (page, { peerServer }) => {
    const id = uniqueId();
    await page.open(id);
    return page.page.evaluate(
      ([id, options]) =>
        new Promise((resolve) => {
          const peer = kit.peer(undefined, options);
          peer.on('open', (own) => {
            peer.socket.on(
              'message',
              (message: { type: string; src?: string; payload?: { connectionId?: string } }) => {
                if (message.payload?.connectionId === 'own words') resolve([message.type, message.src === own]);
              },
            );
            peer.socket.send({ type: 'HEARTBEAT' });
            peer.socket.send({ type: 'CANDIDATE', payload: { connectionId: 'own words', id }, dst: own });
          });
        }),
      [id, peerServer.peerOptions] as const,
    );
  },
  expected: ['CANDIDATE', true],
});

eachImplementation('a message without a type is a socket-error and disconnects the Peer', {
  run: async (page) => {
    const peer = await page.open();
    return peer.evaluate((peer) => {
      const heard: unknown[] = [];
      peer.on('error', ({ type, message }) => heard.push(type, message));
      peer.on('disconnected', () => heard.push('disconnected'));
      peer.socket.send({});
      return heard;
    });
  },
  expected: ['socket-error', 'Invalid message', 'disconnected'],
});
