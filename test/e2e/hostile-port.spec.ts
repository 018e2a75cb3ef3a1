// A page that speaks to the host past `window.Peer`, over a port as that class gets one.
import type { JSHandle, Page } from '@playwright/test';
import type { Peer } from 'peerjs';
import { expect, link, test, uniqueId } from '../support/fixtures';

interface HostMessage {
  type: string;
  connectionKey?: number;
}

interface RawPort {
  post: (message: unknown) => void;
  /** Resolves with what came, once all of these have. */
  until: (...wanted: HostMessage[]) => Promise<HostMessage[]>;
}

/** `true` and `false` in BinaryPack. */
const [TRUE, FALSE] = [0xc3, 0xc2];

/** A page with a Peer that is no `window.Peer`. */
function attach(page: Pick<Page, 'evaluateHandle'>, server: object, id: string): Promise<JSHandle<RawPort>> {
  return page.evaluateHandle(
    async ([server, requestedId]) => {
      const { port1, port2 } = new MessageChannel();
      const heard: HostMessage[] = [];
      const waiting: (() => void)[] = [];
      let [port, next] = [port1, port1];
      const hear = ({ data, ports: [faster] }: MessageEvent<HostMessage>): void => {
        heard.push(data);
        if (faster) next = faster;
        // Behind it the host speaks over the other port alone, and so does the page behind its answer.
        if (data.type === 'moving') {
          port.postMessage({ type: 'moved' });
          port = next;
          port.onmessage = hear;
        }
        for (const wake of waiting.splice(0)) wake();
      };
      port1.onmessage = hear;
      const has = ({ type, connectionKey }: HostMessage): boolean =>
        heard.some((message) => message.type === type && message.connectionKey === connectionKey);
      const until = async (...wanted: HostMessage[]): Promise<HostMessage[]> => {
        while (!wanted.every(has)) await new Promise<void>((resolve) => waiting.push(resolve));
        return heard;
      };
      window.dispatchEvent(new MessageEvent('peerport:attach', { ports: [port2] }));
      const start = { type: 'peer.start', peerKey: 1, epoch: 1, server, pingInterval: 5000, requestedId, config: {} };
      port1.postMessage({ type: 'attach', start });
      while (!heard.some(({ type }) => type === 'peer.open')) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      return { post: (message: unknown) => port.postMessage(message), until };
    },
    [server, id] as const,
  );
}

/** What came on each connection of the Peer, by its label. */
function watchIncoming(peer: JSHandle<Peer>): Promise<JSHandle<Record<string, string[]>>> {
  return peer.evaluateHandle((peer) => {
    const events: Record<string, string[]> = {};
    peer.on('connection', (connection) => {
      const list = (events[connection.label] = [] as string[]);
      connection.on('data', (data) => list.push(String(data)));
      connection.on('close', () => list.push('close'));
    });
    return events;
  });
}

for (const [kind, breach] of Object.entries({
  'sends bytes that it has not announced': { announced: [1], byteLength: 9 },
  'announces more messages than one batch may': { announced: new Array<number>((1 << 16) + 1).fill(0), byteLength: 1 },
  'announces a message of a negative length': { announced: [-1], byteLength: 1 },
})) {
  test(`a page that ${kind} loses that connection and no other`, async ({ openPage, peerServer }) => {
    const hostile = await openPage('peerport');
    const stranger = await openPage('peerjs');
    const strangerId = uniqueId('stranger');
    const remote = await stranger.open(strangerId);
    const events = await watchIncoming(remote);
    const { host, port } = peerServer;
    const server = { host, port, path: '/', key: 'peerjs', secure: false };
    const raw = await attach(hostile.page, server, uniqueId('hostile'));
    const heard = await raw.evaluate(
      async (raw, [remotePeerId, { announced, byteLength }, TRUE, FALSE]) => {
        const create = { type: 'connection.create', peerKey: 1, remotePeerId, serialization: 'binary', reliable: true };
        for (const connectionKey of [1, 2]) {
          const name = { connectionKey, connectionId: `dc_${connectionKey}`, label: `label ${connectionKey}` };
          raw.post({ ...create, ...name, transformsSdp: false, config: { iceServers: [] } });
        }
        const opened = [1, 2].map((connectionKey) => ({ type: 'connection.open', connectionKey }));
        await raw.until(...opened);
        const send = (connectionKey: number, byte: number): void =>
          raw.post({ type: 'connection.send', connectionKey, announced: [1], chunks: [Uint8Array.of(byte).buffer] });
        for (const connectionKey of [1, 2]) send(connectionKey, TRUE);
        raw.post({ type: 'connection.send', connectionKey: 1, announced, chunks: [new ArrayBuffer(byteLength)] });
        send(2, FALSE);
        return raw.until({ type: 'connection.closed', connectionKey: 1 });
      },
      [strangerId, breach, TRUE, FALSE] as const,
    );
    expect(heard).toContainEqual(expect.objectContaining({ type: 'connection.error', connectionKey: 1 }));
    expect(heard.filter(({ type, connectionKey }) => type === 'connection.closed' && connectionKey === 2)).toEqual([]);
    await stranger.page.waitForFunction((events) => events['label 1']?.includes('close'), events);
    await stranger.page.waitForFunction((events) => events['label 2']?.includes('false'), events);
    // What was sent on the first just before the breach may go with it.
    const { 'label 1': ofFirst, 'label 2': ofSecond } = await events.jsonValue();
    expect(ofFirst!.at(-1)).toBe('close');
    expect(ofSecond).toEqual(['true', 'false']);
    // Nor has the site lost anything: a document of its own connects.
    await link({ dialler: await openPage('peerport'), answerer: stranger });
  });
}
