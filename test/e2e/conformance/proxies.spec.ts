// Peers and connections behind a Proxy, as reactive frameworks put every object of their state behind one.
import { eachPairing } from '../../support/conformance';
import { uniqueId } from '../../support/fixtures';

eachPairing('a Peer and its connections work through a Proxy, as Vue makes one of its state', {
  async run({ dialler, answerer }) {
    const answererId = uniqueId('answerer');
    const answeringPeer = await answerer.open(answererId);
    await answeringPeer.evaluate((peer) => {
      peer.on('connection', (connection) => {
        const shown = new Proxy(connection, {});
        shown.on('data', (data) => void shown.send(['echo', data, shown.open]));
      });
    });
    const diallingPeer = await dialler.open(uniqueId('dialler'));
    return diallingPeer.evaluate(async (peer, answererId) => {
      /** Wraps values as Vue's `reactive()` does: plain and extensible objects, at any depth. */
      const reactive = <Value extends object>(object: Value): Value =>
        new Proxy(object, {
          get(target, key, receiver) {
            const value: unknown = Reflect.get(target, key, receiver);
            const isWrapped = typeof value === 'object' && value !== null && Object.isExtensible(value);
            return isWrapped && Object.prototype.toString.call(value) === '[object Object]' ? reactive(value) : value;
          },
        });
      const shown = reactive(peer);
      const log: unknown[] = [shown.id === peer.id, shown.open];
      const connection = reactive(shown.connect(answererId));
      await new Promise<void>((resolve) => connection.on('open', resolve));
      log.push([connection.open, connection.type, connection.peer === answererId]);
      const echoed = new Promise((resolve) => connection.on('data', resolve));
      void connection.send('letters');
      log.push(await echoed);
      const closed = new Promise<void>((resolve) => connection.on('close', resolve));
      connection.close();
      await closed;
      log.push(connection.open);
      // Not `reconnect()`: PeerJS waits forever where PeerServer still holds the ID.
      shown.disconnect();
      log.push([shown.disconnected, shown.open]);
      shown.destroy();
      log.push([shown.destroyed, shown.id]);
      return log;
    }, answererId);
  },
  expected: [true, true, [true, 'data', true], ['echo', 'letters', true], false, [true, false], [true, null]],
});
