import '../../support/fakes/page-globals';
import { EventEmitter } from 'eventemitter3';
import { describe, expect, it } from 'vitest';
import type { ConnectionProvider } from '../../../src/api/connection/base-connection';
import { makeOpenPeer } from '../../support/fakes/page';
import { settled } from '../../support/fakes/settled';

describe('Peer with the page’s own serializer', () => {
  const name = { peerKey: 1, remotePeerId: 'remote', connectionId: 'own_1' };

  /** A connection class with the members of PeerJS's classes that a Peer uses. */
  class Own extends EventEmitter {
    readonly type = 'data';
    readonly connectionId = 'own_1';
    isOpen = true;

    constructor(
      readonly peer: unknown,
      private readonly provider: ConnectionProvider,
    ) {
      super();
    }

    close(): void {
      this.isOpen = false;
      this.provider._removeConnection(this as never);
    }
  }

  async function makeOwn(to: unknown = 'remote') {
    const page = await makeOpenPeer({ serializers: { own: Own as never } });
    const connection = page.peer.connect(to as string, { serialization: 'own' }) as unknown as Own;
    const gone = () => page.host.ofType('peer.connectionGone');
    return { ...page, connection, gone };
  }

  it('tells the host only when a connection of that serializer has closed', async () => {
    const { peer, connection, gone } = await makeOwn();
    peer.connect('remote')!.close();
    await settled();
    expect(gone()).toEqual([]);
    connection.close();
    await settled();
    expect(gone()).toEqual([{ type: 'peer.connectionGone', ...name }]);
  });

  it('converts the IDs of a closed connection to text', async () => {
    const { connection, gone } = await makeOwn(42);
    connection.close();
    await settled();
    expect(gone()).toEqual([{ type: 'peer.connectionGone', ...name, remotePeerId: '42' }]);
  });

  it('closes a connection that the user wants closed', async () => {
    const { host, connection, gone } = await makeOwn();
    await host.say({ type: 'peer.closeConnection', ...name });
    expect(connection.isOpen).toBe(false);
    expect(gone()).toHaveLength(1);
  });

  it('reports an unknown connection as gone', async () => {
    const { host, gone } = await makeOwn();
    await host.say({ type: 'peer.closeConnection', ...name, connectionId: 'own_2' });
    expect(gone()).toEqual([{ type: 'peer.connectionGone', ...name, connectionId: 'own_2' }]);
  });

  it('leaves the Peer and its other connections open when the user does not allow a connection', async () => {
    const { peer, host, events, connection } = await makeOwn();
    const error = { type: 'permission-denied', message: 'no' } as const;
    await host.say({ type: 'peer.error', peerKey: 1, error });
    expect(events.slice(1)).toEqual([['error', 'permission-denied']]);
    expect([peer.open, connection.isOpen]).toEqual([true, true]);
  });

  // Without the host, no user could see or end the connection.
  it('closes its connections when the host is lost', async () => {
    const { host, connection } = await makeOwn();
    await host.tell({ type: 'lost', message: 'gone' });
    expect(connection.isOpen).toBe(false);
  });
});
