import { afterEach, describe, expect, it, vi } from 'vitest';
import { MOST_FOR_A_SITE } from '../../../../src/protocol/host-limits';
import type { Hosted } from '../../../../src/engine/peer/connection-registry';
import { HostedPeer } from '../../../../src/engine/peer/hosted-peer';
import { PageOutbox } from '../../../../src/engine/connection/page-outbox';
import type { PeerOwner } from '../../../../src/engine/peer/peer-environment';
import type { RegistrationAdmission } from '../../../../src/engine/peer/registration';
import { derivePeerToken } from '../../../../src/engine/signalling/peer-token';
import type { Admission, Identity } from '../../../../src/protocol/control-messages';
import type { PeerStart } from '../../../../src/protocol/page-messages';
import { serverUrl } from '../../../../src/protocol/peer-server';
import { endpointPair } from '../../../support/fakes/endpoint-pair';
import { admissionOf, CONDITIONS, hostedWorld, type HostedWorld } from '../../../support/fakes/hosted-world';
import { connectionCreate, peerStart as startMessage } from '../../../support/fakes/page-messages';
import { siteDocument } from '../../../support/fakes/site-documents';
import { DATA_OFFER } from '../../../support/sdp-samples';
import { settled } from '../../../support/fakes/settled';

/** A given token avoids computing a hash, so the Peer dials at once. */
const peerStart = (start: Partial<PeerStart> = {}): PeerStart => startMessage({ token: 'token', ...start });
const identity = (id: string): Identity => ({ id, secret: '0'.repeat(32) });
const admitted = (...ids: string[]): Admission => admissionOf(ids.map(identity));
const named = (id: string, start: Partial<PeerStart> = {}): PeerStart => peerStart({ requestedId: id, ...start });

/** PeerJS's public server, and a server of the user's own. */
const cloud = { host: '0.peerjs.com', port: 443, path: '/', key: 'peerjs', secure: true };
const ownServer = { host: 'own.example', port: 9000, path: '/mine/', key: 'own-key', secure: true };

function makePeer(world: HostedWorld = hostedWorld(), start = peerStart()) {
  const [host, page] = endpointPair();
  const leases: { id: string; named: boolean }[] = [];
  const connections: Hosted[] = [];
  const outbox = new PageOutbox(world.environment.clock, () => undefined);
  outbox.bind(host);
  const owner: PeerOwner = {
    document: siteDocument(),
    hasPage: () => true,
    outbox,
    nextConnectionKey: () => -1 - connections.length,
    whenRoom: (_, create) => {
      create();
    },
    addConnection: (connection) => void connections.push(connection),
    addPageOwnedConnection: () => undefined,
    conditions: () => CONDITIONS,
    quota: world.environment.quotas.join(siteDocument().site),
    pageLegs: { isProven: false },
    leased: ({ id }, isNamed) => void leases.push({ id, named: isNamed }),
  };
  const peer = new HostedPeer(start, owner, world.environment);
  return { ...world, peer, page, leases, connections };
}

/** Starts the Peer with nothing to wait for. */
const register = (peer: HostedPeer, start: PeerStart, admission: RegistrationAdmission | undefined): Promise<void> =>
  peer.register(peer.beginStart(start), admission);

/** A Peer that is registered under `id`. */
function makeRegistered(id = 'me', start = peerStart()) {
  const made = makePeer(hostedWorld(), start);
  void register(made.peer, start, admitted(id));
  made.sockets.last.welcome();
  return { ...made, socket: made.sockets.last };
}

const sdp = { type: 'offer', sdp: DATA_OFFER };

function offer(payload: Record<string, unknown> = {}, src = 'remote') {
  const usual = { sdp, type: 'data', connectionId: 'dc_r', label: 'l', reliable: true, serialization: 'json' };
  return { type: 'OFFER', src, payload: { ...usual, ...payload } };
}

const candidate = (n: number, src = 'remote', connectionId = 'dc_r') => ({
  type: 'CANDIDATE',
  src,
  payload: { candidate: { candidate: `candidate:${n}`, sdpMid: '0' }, type: 'data', connectionId },
});

/** The server reports every ID as taken, until the Peer gives up. */
function refuseAll(sockets: HostedWorld['sockets']): void {
  for (let n = 0; n < 50 && !sockets.last.isClosed; n++) {
    sockets.last.open();
    sockets.last.receive({ type: 'ID-TAKEN' });
  }
}

afterEach(() => void vi.useRealTimers());

describe('HostedPeer registers', () => {
  it('under the first admitted ID', () => {
    const { peer, sockets, leases } = makePeer();
    void register(peer, peerStart(), admitted('one', 'two'));
    expect(sockets.last.id).toBe('one');
    sockets.last.welcome();
    expect(leases).toEqual([{ id: 'one', named: false }]);
  });

  it('and leases the ID only after the server has confirmed it', () => {
    const { peer, sockets, leases } = makePeer();
    void register(peer, peerStart(), admitted('one'));
    sockets.last.open();
    expect(leases).toEqual([]);
    sockets.last.receive({ type: 'OPEN' });
    sockets.last.echo();
    expect(leases).toEqual([{ id: 'one', named: false }]);
  });

  it('and leases an ID that the page requested as a named one', () => {
    const { leases } = makeRegistered('mine', named('mine'));
    expect(leases).toEqual([{ id: 'mine', named: true }]);
  });

  it('under the next admitted ID if the first is in use', () => {
    const world = hostedWorld();
    void register(makePeer(world).peer, peerStart(), admitted('one', 'two'));
    void register(makePeer(world).peer, peerStart(), admitted('one', 'two'));
    expect(world.sockets.made.map(({ id }) => id)).toEqual(['one', 'two']);
  });

  it('under a new ID if all admitted IDs are in use', () => {
    const world = hostedWorld();
    void register(makePeer(world).peer, peerStart(), admitted('one'));
    void register(makePeer(world).peer, peerStart(), admitted('one'));
    expect(world.sockets.last.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('and posts `peer.open` with the epoch of the attempt', () => {
    const { page } = makeRegistered('me', peerStart({ epoch: 7 }));
    expect(page.received.at(-1)).toEqual({ type: 'peer.open', peerKey: 1, epoch: 7, peerId: 'me' });
  });

  it('with the token that the page passed', () => {
    const { peer, sockets } = makePeer();
    void register(peer, peerStart({ token: 'mine' }), admitted('me'));
    expect(sockets.last.token).toBe('mine');
  });

  it('with a token derived for the server if the page passed none, never with the secret', async () => {
    const { peer, sockets } = makePeer();
    const { token: _, ...start } = peerStart();
    await register(peer, start, admitted('me'));
    expect(sockets.last.token).toBe(await derivePeerToken('0'.repeat(32), serverUrl(admitted().server)));
  });

  it('only once if one start follows another', async () => {
    const { peer, sockets } = makePeer();
    const { token: _, ...start } = peerStart();
    const first = register(peer, start, admitted('me'));
    await Promise.all([first, register(peer, { ...start, epoch: 2 }, undefined)]);
    expect(sockets.made).toHaveLength(1);
  });

  it('not at all if it is destroyed meanwhile', async () => {
    const { peer, sockets } = makePeer();
    const { token: _, ...start } = peerStart();
    const started = register(peer, start, admitted('me'));
    peer.destroy();
    await started;
    expect(sockets.made).toHaveLength(0);
  });

  // `reconnect(); disconnect()`: both messages come while the token is being computed.
  it('not at all if it is disconnected meanwhile', async () => {
    const { peer, sockets } = makePeer();
    const { token: _, ...start } = peerStart();
    const started = register(peer, start, admitted('me'));
    peer.disconnect();
    await started;
    expect(sockets.made).toHaveLength(0);
  });
});

describe('HostedPeer whose ID is taken', () => {
  it('tries a new ID if the page requested none', () => {
    const { peer, page, sockets, leases } = makePeer();
    void register(peer, peerStart(), admitted('old'));
    sockets.last.open();
    sockets.last.receive({ type: 'ID-TAKEN', payload: { msg: 'ID is taken' } });
    expect(sockets.made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(sockets.last.id).not.toBe('old');
    sockets.last.welcome();
    expect(page.ofType('peer.open')).toMatchObject([{ peerId: sockets.last.id }]);
    expect(page.ofType('peer.failed')).toEqual([]);
    expect(leases).toEqual([{ id: sockets.last.id, named: false }]);
  });

  it('tries the other admitted IDs first', () => {
    const { peer, sockets, leases } = makePeer();
    void register(peer, peerStart(), admitted('one', 'two', 'three'));
    for (let n = 0; n < 2; n++) {
      sockets.last.open();
      sockets.last.receive({ type: 'ID-TAKEN' });
    }
    sockets.last.welcome();
    expect(sockets.made.map(({ id }) => id)).toEqual(['one', 'two', 'three']);
    expect(leases).toEqual([{ id: 'three', named: false }]);
  });

  it('tries three new IDs in a row, and three more after a registration', () => {
    const { peer, page, sockets } = makePeer();
    const refuse = (): void => {
      sockets.last.open();
      sockets.last.receive({ type: 'ID-TAKEN' });
    };
    for (const end of ['registered', 'refused']) {
      const before = sockets.made.length;
      void register(peer, peerStart(), admitted());
      refuse();
      refuse();
      if (end === 'registered') sockets.last.welcome();
      else refuse();
      expect(sockets.made.length - before).toBe(3);
    }
    expect(page.ofType('peer.failed')).toMatchObject([{ error: { type: 'unavailable-id' } }]);
    // A page that restarts the Peer does not reset the count.
    const before = sockets.made.length;
    void register(peer, peerStart(), admitted());
    refuse();
    expect(sockets.made.length - before).toBe(1);
  });

  it('fails with `unavailable-id` if the page requested the ID', () => {
    const { peer, page, sockets } = makePeer();
    void register(peer, named('mine', { epoch: 3 }), admitted('mine'));
    sockets.last.open();
    sockets.last.receive({ type: 'ID-TAKEN' });
    expect(sockets.made).toHaveLength(1);
    const error = { type: 'unavailable-id', message: 'ID "mine" is taken' };
    expect(page.received.at(-1)).toEqual({ type: 'peer.failed', peerKey: 1, epoch: 3, error, peerId: 'mine' });
  });

  it('fails without a dial if the site uses the ID in this browser', () => {
    const world = hostedWorld();
    void register(makePeer(world).peer, named('mine'), admitted('mine'));
    const { peer, page } = makePeer(world);
    void register(peer, named('mine'), admitted('mine'));
    expect(world.sockets.made).toHaveLength(1);
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.failed', error: { type: 'unavailable-id' } });
  });

  it('frees the taken ID for others', () => {
    const world = hostedWorld();
    const { peer } = makePeer(world);
    void register(peer, peerStart(), admitted('old'));
    world.sockets.last.open();
    world.sockets.last.receive({ type: 'ID-TAKEN' });
    void register(makePeer(world).peer, named('old'), admitted('old'));
    expect(world.sockets.last.id).toBe('old');
  });

  // A random ID is never taken. A server that reports every ID as taken would keep the host and its ID book busy.
  it('gives up if every new ID is taken too', () => {
    const { peer, page, sockets, leases } = makePeer();
    void register(peer, peerStart(), admitted('one', 'two'));
    refuseAll(sockets);
    expect(sockets.made).toHaveLength(2 + 3);
    expect(new Set(sockets.made.map(({ id }) => id)).size).toBe(2 + 3);
    expect(sockets.last.isClosed).toBe(true);
    const error = { type: 'unavailable-id', message: `ID "${sockets.last.id}" is taken` };
    expect(page.ofType('peer.failed')).toEqual([{ type: 'peer.failed', peerKey: 1, epoch: 1, error }]);
    expect(leases).toEqual([]);
  });

  // An admitted ID that another Peer uses stays a candidate, and must not keep the new IDs from being counted.
  it('gives up just as soon if another Peer uses the other admitted IDs', () => {
    const world = hostedWorld();
    void register(makePeer(world).peer, peerStart(), admitted('theirs'));
    const { peer, sockets, page } = makePeer(world);
    void register(peer, peerStart(), admitted('one', 'theirs'));
    refuseAll(sockets);
    expect(sockets.made).toHaveLength(1 + 1 + 3);
    expect(page.ofType('peer.failed')).toMatchObject([{ error: { type: 'unavailable-id' } }]);
  });
});

describe('HostedPeer whose server refuses it', () => {
  it.each([
    [{ type: 'INVALID-KEY' }, { type: 'invalid-key', message: 'API KEY "peerjs" is invalid' }],
    [
      { type: 'ERROR', payload: { msg: 'Invalid key provided' } },
      { type: 'server-error', message: 'Invalid key provided' },
    ],
    [{ type: 'ERROR' }, { type: 'server-error', message: 'PeerServer reported an error.' }],
  ])('reports why: %j', (message, error) => {
    const { peer, page, sockets } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    sockets.last.open();
    sockets.last.receive(message);
    expect(page.received.at(-1)).toEqual({ type: 'peer.failed', peerKey: 1, epoch: 1, error });
    expect(sockets.last.isClosed).toBe(true);
  });
});

describe('HostedPeer that loses its socket', () => {
  it('before it has an ID fails as PeerJS does without a server', () => {
    const { peer, page, sockets } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    sockets.last.drop();
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.failed', error: { type: 'server-error' } });
  });

  it.each([
    ['/', 'signal.example', true],
    ['/app/', 'signal.example', false],
    ['/', '0.peerjs.com', false],
  ])('and has the path %s at %s hints at a wrong path: %s', (path, host, isHinted) => {
    const { peer, page, sockets } = makePeer();
    const admission = admitted('me');
    void register(peer, peerStart(), { ...admission, server: { ...admission.server, path, host } });
    sockets.last.drop();
    const [failed] = page.ofType('peer.failed') as { error: { message: string } }[];
    expect(failed!.error.message.includes('same path')).toBe(isHinted);
  });

  it('before it is registered under a requested ID reports `peer.lost`', () => {
    const { peer, page, sockets } = makePeer();
    void register(peer, named('mine'), admitted('mine'));
    sockets.last.drop();
    expect(page.received.at(-1)).toEqual({ type: 'peer.lost', peerKey: 1, epoch: 1, peerId: 'mine' });
  });

  it('after it was registered reports `peer.lost` once and keeps its connections', async () => {
    const { peer, page, socket, connections } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    socket.drop();
    expect(page.ofType('peer.lost')).toEqual([{ type: 'peer.lost', peerKey: 1, epoch: 1, peerId: 'me' }]);
    expect(connections).toHaveLength(1);
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it('registers again under its ID without asking the background', () => {
    const { peer, socket, sockets, page, leases } = makeRegistered();
    socket.drop();
    const again = peerStart({ requestedId: 'me', leased: true, epoch: 2 });
    expect(peer.canRestart(again)).toBe(true);
    void register(peer, again, undefined);
    sockets.last.welcome();
    expect(sockets.last.id).toBe('me');
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.open', epoch: 2, peerId: 'me' });
    // The lease is repeated for each registration, with the same ID.
    expect(leases).toEqual([
      { id: 'me', named: false },
      { id: 'me', named: false },
    ]);
  });

  it('asks the background for another ID', () => {
    const { peer } = makeRegistered();
    expect(peer.canRestart(named('another'))).toBe(false);
    expect(peer.canRestart(peerStart())).toBe(false);
  });

  // The background also decides about servers: a server in the user's own network needs a decision of its own.
  it('asks the background for another server', () => {
    const { peer } = makeRegistered();
    const server = { host: '192.168.1.1', port: 80, path: '/', key: 'peerjs', secure: false };
    expect(peer.canRestart(peerStart({ requestedId: 'me', leased: true, server }))).toBe(false);
  });
});

describe('HostedPeer that disconnects or is destroyed', () => {
  it('keeps its connections and its ID when it disconnects', async () => {
    const { peer, page, socket, environment } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    peer.disconnect();
    expect(socket.isClosed).toBe(true);
    expect(page.ofType('connection.closed')).toEqual([]);
    expect(environment.idsInUse.claim(siteDocument().site, serverUrl(admitted().server), 'me', {})).toBe(false);
  });

  it('closes its connections and frees its ID when it is destroyed', async () => {
    const { peer, page, environment, peerConnections } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    peer.destroy();
    expect(page.ofType('connection.closed')).toHaveLength(1);
    expect(peerConnections.last.signalingState).toBe('closed');
    expect(environment.idsInUse.claim(siteDocument().site, serverUrl(admitted().server), 'me', {})).toBe(true);
  });

  it('reports nothing about its socket after it is destroyed', () => {
    const { peer, page, socket } = makeRegistered();
    peer.destroy();
    const before = page.received.length;
    socket.drop();
    expect(page.received).toHaveLength(before);
  });

  it('ends once, however often it is destroyed', () => {
    const { peer, page } = makeRegistered();
    peer.connect(connectionCreate());
    peer.destroy();
    peer.destroy();
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('frees its ID on every server where it had one', () => {
    const { peer, environment } = makeRegistered();
    const { server } = admitted();
    void register(peer, named('me'), { ...admitted('me'), server: { ...server, port: 9000 } });
    peer.destroy();
    expect(environment.idsInUse.claim(siteDocument().site, serverUrl(server), 'me', {})).toBe(true);
  });
});

describe('HostedPeer connects', () => {
  it('with an offer to the remote peer', async () => {
    const { peer, socket } = makeRegistered();
    peer.connect(connectionCreate({ metadata: '{"a":[1]}', label: 'chat', reliable: true }));
    await settled();
    const payload = { type: 'data', connectionId: 'dc_1', metadata: { a: [1] }, label: 'chat', reliable: true };
    expect(socket.signals).toMatchObject([{ type: 'OFFER', dst: 'remote', payload }]);
  });

  it('with an offer that waits until it is registered', async () => {
    const { peer, sockets } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    peer.connect(connectionCreate());
    await settled();
    expect(sockets.last.signals).toEqual([]);
    sockets.last.open();
    sockets.last.receive({ type: 'OPEN' });
    expect(sockets.last.signals).toMatchObject([{ type: 'OFFER' }]);
  });

  // The echo comes a round trip after OPEN, before any answer. Stock PeerJS treats a second offer as a new connection and
  // closes the first.
  it('with one offer if it connected before it was registered', async () => {
    const { peer, sockets } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    peer.connect(connectionCreate());
    await settled();
    sockets.last.welcome();
    expect(sockets.last.signals.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('with one offer if it connected between OPEN and its echo', async () => {
    const { peer, sockets } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    sockets.last.open();
    sockets.last.receive({ type: 'OPEN' });
    peer.connect(connectionCreate());
    await settled();
    sockets.last.echo();
    expect(sockets.last.signals.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('with the offer again if the answer may be lost with its socket', async () => {
    const { peer, socket, sockets } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    socket.drop();
    void register(peer, peerStart({ requestedId: 'me', leased: true, epoch: 2 }), undefined);
    sockets.last.welcome();
    expect(sockets.last.signals.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('with one offer again if it disconnected while the offer was in the socket', async () => {
    const { peer, socket, sockets } = makeRegistered();
    socket.isFlowing = false;
    peer.connect(connectionCreate());
    await settled();
    peer.disconnect();
    void register(peer, peerStart({ requestedId: 'me', leased: true, epoch: 2 }), undefined);
    sockets.last.welcome();
    expect(sockets.last.signals.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('with the offer once if two sockets were lost before it went out', async () => {
    const { peer, socket, sockets } = makeRegistered();
    socket.drop();
    peer.connect(connectionCreate());
    await settled();
    for (const epoch of [2, 3]) {
      void register(peer, peerStart({ requestedId: 'me', leased: true, epoch }), undefined);
      if (epoch === 2) sockets.last.drop();
    }
    sockets.last.welcome();
    expect(sockets.last.signals.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('without a second offer if the answer was among the held-back messages', async () => {
    const { peer, socket, sockets } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    socket.drop();
    void register(peer, peerStart({ requestedId: 'me', leased: true, epoch: 2 }), undefined);
    sockets.last.open();
    sockets.last.receive({ type: 'OPEN' });
    const answer = { sdp: { type: 'answer', sdp: 'remote answer' }, connectionId: 'dc_1' };
    sockets.last.receive({ type: 'ANSWER', src: 'remote', payload: answer });
    await settled();
    sockets.last.echo();
    expect(sockets.last.signals).toEqual([]);
  });

  it('not with metadata that is not JSON, and reports it', () => {
    const { peer, page, connections } = makeRegistered();
    peer.connect(connectionCreate({ metadata: '{' }));
    expect(page.ofType('connection.error')).toMatchObject([
      { connectionKey: 1, error: { type: 'negotiation-failed' } },
    ]);
    expect(page.received.at(-1)).toEqual({ type: 'connection.closed', connectionKey: 1 });
    expect(connections).toEqual([]);
  });

  it('not with a configuration that RTCPeerConnection refuses, and reports it', () => {
    const { peer, page } = makeRegistered();
    peer.connect(connectionCreate({ config: { bundlePolicy: 'bad' } }));
    const types = page.received.slice(2).map((message) => (message as { type: string }).type);
    expect(types).toEqual(['peer.error', 'connection.error', 'connection.closed']);
    expect(page.ofType('peer.error')).toMatchObject([{ error: { type: 'webrtc', message: 'bad configuration' } }]);
  });

  it('until its site has no RTCPeerConnection left, whatever its limits', () => {
    const { peer, page, peerConnections } = makeRegistered();
    const most = MOST_FOR_A_SITE.connections;
    for (let key = 1; key <= most + 1; key++) {
      peer.connect(connectionCreate({ connectionKey: key, connectionId: `dc_${key}` }));
    }
    expect(peerConnections.made).toHaveLength(most);
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: most + 1 }]);
  });

  it('and reports native failures as errors of the Peer', async () => {
    const { peer, page, socket, peerConnections } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    peerConnections.last.failures.set('setRemoteDescription', new Error('bad answer'));
    const payload = { sdp: { type: 'answer', sdp: 'x' }, connectionId: 'dc_1' };
    socket.receive({ type: 'ANSWER', src: 'remote', payload });
    await settled();
    expect(page.ofType('peer.error')).toMatchObject([{ error: { type: 'webrtc', message: 'bad answer' } }]);
  });
});

describe('HostedPeer with an incoming offer', () => {
  it('announces the connection to the page and answers', async () => {
    const { page, socket } = makeRegistered();
    socket.receive(offer({ metadata: { a: 1 } }));
    await settled();
    expect(page.ofType('connection.incoming')).toEqual([
      {
        type: 'connection.incoming',
        peerKey: 1,
        connectionKey: -1,
        remotePeerId: 'remote',
        connectionId: 'dc_r',
        label: 'l',
        metadata: { a: 1 },
        serialization: 'json',
        reliable: true,
      },
    ]);
    expect(socket.signals).toMatchObject([{ type: 'ANSWER', dst: 'remote', payload: { connectionId: 'dc_r' } }]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['another kind', { type: 'media' }],
    ['an unknown serialization', { serialization: 'toString' }],
    ['no serialization', { serialization: undefined }],
  ])('ignores %s', async (_, payload) => {
    const { page, socket, peerConnections } = makeRegistered();
    socket.receive(offer(payload));
    await settled();
    expect(page.ofType('connection.incoming')).toEqual([]);
    expect(peerConnections.made).toEqual([]);
  });

  it('uses the ID of a connection without a label as its label, as PeerJS does', () => {
    const { page, socket } = makeRegistered();
    socket.receive(offer({ label: undefined }));
    expect(page.ofType('connection.incoming')).toMatchObject([{ label: 'dc_r' }]);
  });

  it('closes the former connection when its offer is repeated, as PeerJS does', () => {
    const { page, socket } = makeRegistered();
    socket.receive(offer());
    socket.receive(offer());
    const types = page.received.map((message) => (message as { type: string }).type);
    expect(types.filter((type) => type.startsWith('connection.'))).toEqual([
      'connection.incoming',
      'connection.closed',
      'connection.incoming',
    ]);
  });

  it('does not close another peer’s connection of the same ID', () => {
    const { page, socket } = makeRegistered();
    socket.receive(offer());
    socket.receive(offer({}, 'attacker'));
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it('adds the candidates that came before the offer', async () => {
    const { socket, peerConnections } = makeRegistered();
    for (const n of [1, 2]) socket.receive(candidate(n));
    socket.receive(candidate(3, 'attacker'));
    socket.receive(offer());
    socket.receive(candidate(4));
    await settled();
    expect(peerConnections.last.candidates.map((each) => each.candidate)).toEqual([
      'candidate:1',
      'candidate:2',
      'candidate:4',
    ]);
  });

  it('announces as many unestablished connections as a remote peer may have', () => {
    const { page, socket, peerConnections } = makeRegistered();
    for (let n = 0; n < 1100; n++) socket.receive(offer({ connectionId: `dc_${n}` }));
    expect(peerConnections.made).toHaveLength(16);
    expect(page.ofType('connection.incoming')).toHaveLength(16);
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it.each([
    [
      'an answer',
      { type: 'ANSWER', src: 'stranger', payload: { sdp: { type: 'answer', sdp: '' }, connectionId: 'dc_x' } },
    ],
    ['a candidate without a candidate', { type: 'CANDIDATE', src: 'stranger', payload: { connectionId: 'dc_x' } }],
  ])('survives %s for no connection', (_, message) => {
    const { page, socket } = makeRegistered();
    const before = page.received.length;
    socket.receive(message);
    expect(page.received).toHaveLength(before);
  });
});

describe('HostedPeer whose remote peer', () => {
  it('is absent fails only the unanswered offers to it', async () => {
    const { peer, page, socket } = makeRegistered();
    for (const key of [1, 2]) peer.connect(connectionCreate({ connectionKey: key, connectionId: `dc_${key}` }));
    peer.connect(connectionCreate({ connectionKey: 3, remotePeerId: 'another' }));
    await settled();
    const payload = { sdp: { type: 'answer', sdp: 'remote answer' }, connectionId: 'dc_2' };
    socket.receive({ type: 'ANSWER', src: 'remote', payload });
    await settled();
    socket.receive({ type: 'EXPIRE', src: 'remote' });
    const error = { type: 'peer-unavailable', message: 'Could not connect to peer remote' };
    expect(page.ofType('peer.error')).toEqual([{ type: 'peer.error', peerKey: 1, error }]);
    expect(page.ofType('connection.error')).toEqual([{ type: 'connection.error', connectionKey: 1, error }]);
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
  });

  it('leaves has only its own connections closed', async () => {
    const { peer, page, socket } = makeRegistered();
    peer.connect(connectionCreate());
    peer.connect(connectionCreate({ connectionKey: 2, remotePeerId: 'another' }));
    await settled();
    socket.receive({ type: 'LEAVE', src: 'remote' });
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    expect(page.ofType('peer.leave')).toEqual([{ type: 'peer.leave', peerKey: 1, remotePeerId: 'remote' }]);
  });
});

describe('HostedPeer that waits for its admission', () => {
  it('is wanted until it disconnects, ends or starts again', () => {
    const { peer } = makePeer();
    const first = peer.beginStart(peerStart());
    expect(first.isWanted).toBe(true);
    const second = peer.beginStart(peerStart({ epoch: 2 }));
    expect([first.isWanted, second.isWanted]).toEqual([false, true]);
    void register(peer, peerStart({ epoch: 3 }), admitted('me'));
    expect(second.isWanted).toBe(false);
  });

  it.each(['disconnect', 'destroy'] as const)('is not wanted after %s', (end) => {
    const { peer } = makePeer();
    const attempt = peer.beginStart(peerStart());
    peer[end]();
    expect(attempt.isWanted).toBe(false);
  });

  it('dials no server', async () => {
    const { peer, sockets, environment } = makePeer();
    peer.beginStart(peerStart());
    await settled();
    expect(sockets.made).toEqual([]);
    expect(environment.idsInUse.claim(siteDocument().site, serverUrl(admitted().server), 'me', {})).toBe(true);
  });

  // The server may be in the user's own network, so nothing may contact it before the decision.
  it('asks the user’s own server for its list only once it is admitted, once for all queued requests', async () => {
    const { peer, page, requests, respond } = makePeer();
    respond(() => Response.json(['a']));
    peer.beginStart(peerStart());
    for (const requestId of [1, 2]) void peer.listAllPeers(requestId);
    await settled();
    expect(requests).toEqual([]);
    expect(page.ofType('peer.listed')).toEqual([]);
    void register(peer, peerStart(), { ...admitted('me'), server: ownServer, isOwnServer: true });
    await settled();
    expect(page.ofType('peer.listed')).toEqual(
      [1, 2].map((requestId) => ({ type: 'peer.listed', peerKey: 1, requestId, peerIds: ['a'] })),
    );
    expect(requests).toHaveLength(1);
  });

  it('is not in the live view, because it has no server', () => {
    const { peer } = makePeer();
    peer.beginStart(peerStart());
    expect(peer.liveFacts()).toBeUndefined();
    expect(peer.address).toEqual({ server: undefined, peerId: undefined });
  });

  it('queues a limited number of requests for the list, and leaves further ones to the page', () => {
    const { peer, page } = makePeer();
    peer.beginStart(peerStart());
    for (let requestId = 1; requestId <= 65; requestId++) void peer.listAllPeers(requestId);
    expect(page.ofType('peer.listed')).toEqual([{ type: 'peer.listed', peerKey: 1, requestId: 65 }]);
  });
});

describe('HostedPeer without a server of the user’s own', () => {
  it('leaves the list of a server that the page names to the page', async () => {
    const { peer, page, requests } = makeRegistered();
    await peer.listAllPeers(4);
    expect(page.received.at(-1)).toEqual({ type: 'peer.listed', peerKey: 1, requestId: 4 });
    expect(requests).toEqual([]);
  });
});

describe('HostedPeer at a server of the user’s own', () => {
  function makeOwn(start = peerStart({ server: cloud }), server = ownServer) {
    const made = makePeer(hostedWorld(), start);
    void register(made.peer, start, { ...admitted('me', 'other'), server, isOwnServer: true });
    return { ...made, socket: made.sockets.last };
  }

  it('dials that server and asks it for its list', async () => {
    const { peer, page, socket, requests, respond } = makeOwn();
    expect(socket.url).toContain('wss://own.example:9000/mine/peerjs?key=own-key&id=me');
    respond(() => Response.json(['a', 'b']));
    await peer.listAllPeers(1);
    expect(page.received.at(-1)).toEqual({ type: 'peer.listed', peerKey: 1, requestId: 1, peerIds: ['a', 'b'] });
    expect(requests.map(({ url }) => url.split('?')[0])).toEqual(['https://own.example:9000/mine/own-key/peers']);
  });

  it('reports why there is no list, without revealing that server', async () => {
    const { peer, page, respond } = makeOwn();
    respond(() => new Response('secret', { status: 401, statusText: 'secret' }));
    await peer.listAllPeers(5);
    const error = expect.stringContaining('does not allow listing its peers') as unknown;
    expect(page.received.at(-1)).toEqual({ type: 'peer.listed', peerKey: 1, requestId: 5, error });
    expect(JSON.stringify(page.received)).not.toMatch(/own.example|own-key|secret/);
  });

  it('asks it once for concurrent requests, and again for a later one', async () => {
    const { peer, page, requests } = makeOwn();
    await Promise.all([1, 2, 3].map((requestId) => peer.listAllPeers(requestId)));
    expect(requests).toHaveLength(1);
    await peer.listAllPeers(4);
    expect(requests).toHaveLength(2);
    expect(page.ofType('peer.listed')).toHaveLength(4);
  });

  it('gives no hint about the path if it does not answer', () => {
    const { page, sockets } = makeOwn(peerStart({ server: cloud }), { ...ownServer, path: '/' });
    sockets.last.drop();
    expect(page.ofType('peer.failed')).toMatchObject([{ error: { message: 'Could not get an ID from the server.' } }]);
  });

  it('derives the token for that server', async () => {
    const start = startMessage({ server: cloud });
    const made = makeOwn(start);
    await vi.waitFor(() => expect(made.sockets.made).toHaveLength(1));
    const token = await derivePeerToken(identity('me').secret, serverUrl(ownServer));
    expect(made.sockets.last.url).toContain(`token=${token}`);
  });

  it('reconnects to it without asking the background', () => {
    const { peer, sockets } = makeOwn();
    sockets.last.welcome();
    const again = peerStart({ server: cloud, requestedId: 'me', leased: true, epoch: 2 });
    expect(peer.canRestart(again)).toBe(true);
    void register(peer, again, undefined);
    expect(sockets.last.url).toContain('own.example:9000');
    expect(sockets.made).toHaveLength(2);
  });

  it('stays at that server if an ID is taken', async () => {
    const { sockets } = makeOwn();
    sockets.last.receive({ type: 'ID-TAKEN' });
    await settled();
    expect(sockets.last.url).toContain('wss://own.example:9000/mine/peerjs?key=own-key&id=other');
  });

  it('does not reveal a refused key to the page', () => {
    const { page, sockets } = makeOwn();
    sockets.last.receive({ type: 'INVALID-KEY' });
    expect(page.ofType('peer.failed')).toMatchObject([{ error: { type: 'invalid-key' } }]);
    expect(JSON.stringify(page.received)).not.toContain('own-key');
  });

  it('moves to another server if a later admission names one', () => {
    const { peer, sockets } = makeOwn();
    void register(peer, peerStart({ server: cloud, epoch: 2 }), { ...admitted('me'), server: cloud });
    expect(sockets.last.url).toContain('wss://0.peerjs.com:443/');
  });
});

describe('HostedPeer whose page is gone', () => {
  it('is parked if it is registered and has a data connection', () => {
    const { peer } = makeRegistered();
    peer.connect(connectionCreate());
    expect(peer.park()).toBe(true);
    expect(peer.liveFacts()).toMatchObject({ id: 'me', state: 'waiting' });
  });

  it('is parked even if it has left the server', () => {
    const { peer } = makeRegistered();
    peer.connect(connectionCreate());
    peer.disconnect();
    expect(peer.park()).toBe(true);
  });

  it('is not parked without a connection', () => {
    expect(makeRegistered().peer.park()).toBe(false);
  });

  it('is not parked if it was never registered', () => {
    const { peer } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    peer.connect(connectionCreate());
    expect(peer.park()).toBe(false);
  });

  it('drops a start that waits for its token', async () => {
    const { peer, sockets } = makePeer();
    const { token: _, ...start } = peerStart();
    const starting = register(peer, start, admitted('me'));
    peer.park();
    await starting;
    expect(sockets.made).toEqual([]);
  });

  it('drops a start that waits for the background', () => {
    const { peer } = makeRegistered();
    const attempt = peer.beginStart(peerStart({ epoch: 2 }));
    peer.park();
    expect(attempt.isWanted).toBe(false);
  });

  it('stays registered until the next page’s Peer comes, then surrenders its ID', () => {
    const world = makeRegistered();
    const { peer, socket } = world;
    peer.connect(connectionCreate());
    peer.park();
    expect(socket.isClosed).toBe(false);
    peer.surrender();
    expect(socket.isClosed).toBe(true);
    void register(makePeer(world).peer, named('me'), admitted('me'));
    expect(world.sockets.last.id).toBe('me');
    expect(peer.connections).toHaveLength(1);
  });

  it('does not free the next Peer’s ID when it ends after surrendering', () => {
    const world = makeRegistered();
    world.peer.park();
    world.peer.surrender();
    void register(makePeer(world).peer, named('me'), admitted('me'));
    world.peer.destroy();
    const third = makePeer(world);
    void register(third.peer, named('me'), admitted('me'));
    expect(third.page.ofType('peer.failed')).toMatchObject([{ error: { type: 'unavailable-id' } }]);
  });
});

describe('HostedPeer with an oversized message of a remote peer', () => {
  const deep = (message: object): string =>
    JSON.stringify(message).replace('"deep"', '['.repeat(5000) + ']'.repeat(5000));

  it('creates no connection, reports it to the page, and serves other peers', () => {
    const { socket, page } = makeRegistered();
    socket.receive(deep(offer({ metadata: 'deep' })));
    socket.receive(offer({ connectionId: 'honest' }, 'honest'));
    const message = expect.stringContaining('of peer remote its OFFER, whose data are nested more than 500') as string;
    expect(page.ofType('peer.error')).toEqual([{ type: 'peer.error', peerKey: 1, error: { type: 'webrtc', message } }]);
    expect(page.ofType('connection.incoming')).toMatchObject([{ remotePeerId: 'honest' }]);
  });

  it('reports four times, however many such messages come', () => {
    const { socket, page } = makeRegistered();
    for (let n = 0; n < 100; n++) socket.receive(deep(offer({ metadata: 'deep' })));
    expect(page.ofType('peer.error')).toHaveLength(4);
  });

  it('posts the message as text to a page that watches the socket', () => {
    const { peer, socket, page } = makeRegistered();
    peer.watchSocket();
    const text = deep(offer({ metadata: 'deep' }));
    socket.receive(text);
    socket.receive('x'.repeat(2 * 1024 * 1024));
    expect(page.ofType('peer.socketMessage')).toEqual([{ type: 'peer.socketMessage', peerKey: 1, text }]);
  });

  it('sends the page’s own messages to the server if they are JSON', () => {
    const { peer, socket } = makeRegistered();
    const send = (payload: string) =>
      peer.signal({ type: 'peer.send', peerKey: 1, message: { type: 'CUSTOM', payload, dst: 'r' } });
    const before = socket.signals.length;
    send('{"a":[1]}');
    send('{');
    expect(socket.signals.slice(before)).toEqual([{ type: 'CUSTOM', payload: { a: [1] }, dst: 'r' }]);
  });
});
