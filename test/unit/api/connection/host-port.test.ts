import '../../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { HostPort, type ConnectionListener, type PeerListener } from '../../../../src/api/connection/host-port';
import { MAX_EVENTS_PER_BATCH } from '../../../../src/protocol/host-messages';
import type { PageMessage } from '../../../../src/protocol/page-messages';
import { FakePageHost } from '../../../support/fakes/page-host';
import { peerStart } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';

function makeHostPort() {
  const host = new FakePageHost();
  const hostPort = new HostPort(host.openAttachPort);
  const events: unknown[] = [];
  const peer: PeerListener = {
    handle: (message) => void events.push(message),
    handleDenial: (message) => void events.push(['denied', message]),
    handleHostLoss: (message) => void events.push(['lost', message]),
  };
  const connection = (name: string): ConnectionListener => ({
    handle: ({ type }) => void events.push([name, type]),
    deliver: (data) => void events.push([name, data]),
    handleHostLoss: () => void events.push([name, 'lost']),
  });
  return { host, hostPort, events, peer, connection };
}

/** An attached HostPort with Peer 1 and connections 1 and 2. */
async function makeAttached() {
  const made = makeHostPort();
  made.hostPort.addPeer(made.peer);
  for (const key of [1, 2]) made.hostPort.addConnection(made.hostPort.nextConnectionKey(), made.connection(`dc${key}`));
  made.hostPort.start(peerStart());
  await made.host.attach();
  return made;
}

const list = (requestId: number): PageMessage => ({ type: 'peer.listAllPeers', peerKey: 1, requestId });

describe('HostPort', () => {
  it('does not attach before the first Peer starts', () => {
    const { hostPort, host, peer } = makeHostPort();
    hostPort.addPeer(peer);
    hostPort.post(list(1));
    expect(host.attaching).toEqual([]);
  });

  it('attaches with the first Peer, and passes its start to the content script', async () => {
    const { hostPort, host } = makeHostPort();
    hostPort.start(peerStart());
    await settled();
    expect(host.attaching).toEqual([{ type: 'attach', start: peerStart() }]);
  });

  it('attaches once, however many Peers start', async () => {
    const { hostPort, host } = makeHostPort();
    for (const peerKey of [1, 2, 3]) hostPort.start(peerStart({ peerKey }));
    await host.attach();
    expect(host.attaching).toHaveLength(1);
    expect(host.received).toEqual([peerStart({ peerKey: 2 }), peerStart({ peerKey: 3 })]);
  });

  it('queues messages in order until it is attached', async () => {
    const { hostPort, host } = makeHostPort();
    hostPort.start(peerStart());
    for (const n of [1, 2, 3]) hostPort.post(list(n));
    await settled();
    expect(host.received).toEqual([]);
    await host.attach();
    hostPort.post(list(4));
    await settled();
    expect(host.received).toEqual([1, 2, 3, 4].map(list));
  });

  it('transfers buffers, also those of queued messages', async () => {
    const { hostPort, host } = makeHostPort();
    const early = new ArrayBuffer(2);
    const late = new ArrayBuffer(3);
    const send = (buffer: ArrayBuffer): void => {
      hostPort.post({ type: 'connection.send', connectionKey: 1, announced: [1], chunks: [buffer] }, [buffer]);
    };
    hostPort.start(peerStart());
    send(early);
    await host.attach();
    send(late);
    expect([early.byteLength, late.byteLength]).toEqual([0, 0]);
  });

  it('moves to the new port when the host does, and posts `moved` last on the old port', async () => {
    const { hostPort, host } = await makeAttached();
    hostPort.post(list(1));
    await host.offerPort();
    hostPort.post(list(2));
    await host.move();
    hostPort.post(list(3));
    await settled();
    expect(host.received).toEqual([list(1), list(2), { type: 'moved' }, list(3)]);
    expect(host.receivedDirectly).toEqual([list(3)]);
    expect(host.pagePort.isClosed).toBe(false);
  });

  it('delivers messages of the new port only after those of the old port', async () => {
    const { host, events } = await makeAttached();
    await host.move({ type: 'connection.closed', connectionKey: 2 });
    await host.say({ type: 'data', connectionKeys: [1], data: ['a'] });
    expect(events).toEqual([
      ['dc2', 'connection.closed'],
      ['dc1', 'a'],
    ]);
  });

  it('stays on its port if it got no new port', async () => {
    const { hostPort, host } = await makeAttached();
    await host.say({ type: 'moving' });
    hostPort.post(list(1));
    await settled();
    expect(host.received).toEqual([list(1)]);
  });

  it('counts keys up from 1', () => {
    const { hostPort, peer } = makeHostPort();
    expect([hostPort.addPeer(peer), hostPort.addPeer(peer)]).toEqual([1, 2]);
    expect([hostPort.nextConnectionKey(), hostPort.nextConnectionKey()]).toEqual([1, 2]);
  });
});

describe('HostPort dispatches', () => {
  it('a Peer’s messages to the Peer and a connection’s to the connection', async () => {
    const { host, events } = await makeAttached();
    const open = { type: 'peer.open', peerKey: 1, epoch: 1, peerId: 'me' } as const;
    await host.say(open, { type: 'connection.closed', connectionKey: 2 });
    expect(events).toEqual([open, ['dc2', 'connection.closed']]);
  });

  it('an incoming connection to its Peer', async () => {
    const { host, events } = await makeAttached();
    const about = { remotePeerId: 'r', connectionId: 'c', label: 'l', serialization: 'json', reliable: true };
    const incoming = { type: 'connection.incoming', peerKey: 1, connectionKey: 1, ...about } as const;
    await host.say(incoming);
    expect(events).toEqual([incoming]);
  });

  it('nothing to removed Peers and connections', async () => {
    const { hostPort, host, events } = await makeAttached();
    hostPort.removePeer(1);
    hostPort.removeConnection(2);
    await host.say({ type: 'peer.open', peerKey: 1, epoch: 1, peerId: 'me' });
    await host.say({ type: 'connection.closed', connectionKey: 2 });
    await host.say({ type: 'data', connectionKeys: [2, 99], data: ['a', 'b'] });
    expect(events).toEqual([]);
  });

  it('data to the connections, in order', async () => {
    const { host, events } = await makeAttached();
    await host.say({ type: 'data', connectionKeys: [1, 2, 1], data: ['a', 'b', 'c'] });
    await host.say({ type: 'data', connectionKeys: [2], data: ['d', 'e'] });
    expect(events).toEqual([
      ['dc1', 'a'],
      ['dc2', 'b'],
      ['dc1', 'c'],
      ['dc2', 'd'],
      ['dc2', 'e'],
    ]);
  });

  it('each event of the largest batch once', async () => {
    const { host, events } = await makeAttached();
    const data = Array.from({ length: MAX_EVENTS_PER_BATCH }, (_, n) => n);
    await host.say({ type: 'data', connectionKeys: [1], data });
    expect(events).toEqual(data.map((n) => ['dc1', n]));
  });

  it('undefined and null as data', async () => {
    const { host, events } = await makeAttached();
    await host.say({ type: 'data', connectionKeys: [1], data: [undefined, null] });
    expect(events).toEqual([
      ['dc1', undefined],
      ['dc1', null],
    ]);
  });

  it('no further events of a batch to a connection that the page has closed during it', async () => {
    const { hostPort, host, events, connection } = await makeAttached();
    const deliver = (data: unknown): void => {
      events.push(data);
      hostPort.removeConnection(3);
    };
    hostPort.addConnection(3, { ...connection('closing'), deliver });
    await host.say({ type: 'data', connectionKeys: [3, 3, 1], data: ['a', 'b', 'c'] });
    expect(events).toEqual(['a', ['dc1', 'c']]);
  });
});

describe('a denied HostPort', () => {
  it('tells every Peer and connection, and drops queued messages', async () => {
    const { hostPort, host, events, peer, connection } = makeHostPort();
    hostPort.addPeer(peer);
    hostPort.addConnection(1, connection('dc1'));
    hostPort.start(peerStart());
    hostPort.post(list(1));
    await host.tell({ type: 'denied', message: 'no' });
    expect(events).toEqual([
      ['dc1', 'lost'],
      ['denied', 'no'],
    ]);
    hostPort.start(peerStart({ peerKey: 2 }));
    await host.attach();
    expect(host.received).toEqual([]);
  });

  it('attaches again for the next Peer', async () => {
    const { hostPort, host } = makeHostPort();
    hostPort.start(peerStart());
    await host.tell({ type: 'denied', message: 'no' });
    hostPort.start(peerStart({ peerKey: 2 }));
    await settled();
    expect(host.attaching).toHaveLength(2);
    expect(host.attaching[1]).toEqual({ type: 'attach', start: peerStart({ peerKey: 2 }) });
  });
});

describe('a HostPort whose host is gone', () => {
  it('tells connections, then Peers, each once', async () => {
    const { host, events } = await makeAttached();
    await host.tell({ type: 'lost', message: 'gone' });
    await host.tell({ type: 'lost', message: 'gone' });
    expect(events).toEqual([
      ['dc1', 'lost'],
      ['dc2', 'lost'],
      ['lost', 'gone'],
    ]);
  });

  it('closes its ports and ignores the old host’s messages', async () => {
    const { host, events } = await makeAttached();
    const { pagePort } = host;
    await host.tell({ type: 'lost', message: 'gone' });
    const before = events.length;
    await host.say({ type: 'peer.leave', peerKey: 1, remotePeerId: 'r' });
    expect(pagePort.isClosed).toBe(true);
    expect(events).toHaveLength(before);
  });

  it('drops messages', async () => {
    const { hostPort, host } = await makeAttached();
    await host.tell({ type: 'lost', message: 'gone' });
    hostPort.post(list(1));
    await settled();
    expect(host.received).toEqual([]);
  });

  it('attaches again for a Peer that starts while the others are told', async () => {
    const { hostPort, host, peer } = makeHostPort();
    hostPort.addPeer({ ...peer, handleHostLoss: () => hostPort.start(peerStart({ epoch: 2 })) });
    hostPort.start(peerStart());
    await host.attach();
    await host.tell({ type: 'lost', message: 'gone' });
    await host.attach();
    hostPort.post(list(1));
    await settled();
    expect(host.attaching).toHaveLength(2);
    expect(host.received).toEqual([list(1)]);
  });
});
