import { noPlaceholders } from '../../../support/fakes/encoded-end';
import '../../../support/fakes/media-globals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Hosted } from '../../../../src/engine/peer/connection-registry';
import { PageOutbox } from '../../../../src/engine/connection/page-outbox';
import { forwardingPaths } from '../../../../src/engine/calls/media-paths';
import type { PeerOwner } from '../../../../src/engine/peer/peer-environment';
import { PeerConnections } from '../../../../src/engine/peer/peer-connections';
import { RECLAIM_MS } from '../../../../src/engine/reload/adoption';
import type { Offer } from '../../../../src/engine/signalling/server-messages';
import type { Conditions } from '../../../../src/protocol/control-messages';
import { MOST_FOR_A_SITE } from '../../../../src/protocol/host-limits';
import type { CallCreate, PortableConfiguration } from '../../../../src/protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../../../../src/protocol/signalling';
import { endpointPair } from '../../../support/fakes/endpoint-pair';
import { CONDITIONS, hostedWorld } from '../../../support/fakes/hosted-world';
import { description, FakeMediaConnections } from '../../../support/fakes/media-connection';
import { callAnswer, callCreate, connectionCreate } from '../../../support/fakes/page-messages';
import { siteDocument } from '../../../support/fakes/site-documents';
import { settled } from '../../../support/fakes/settled';
import { DATA_OFFER } from '../../../support/sdp-samples';

// A hosted call waits some seconds for its page leg.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

function makeConnections(policy: Partial<Conditions> = {}, config: PortableConfiguration = {}, world = hostedWorld()) {
  const [host, page] = endpointPair();
  const outbox = new PageOutbox(world.clock, () => undefined);
  outbox.bind(host);
  const made: Hosted[] = [];
  let lastKey = 0;
  const owner: PeerOwner = {
    document: siteDocument(),
    hasPage: () => true,
    outbox,
    nextConnectionKey: () => --lastKey,
    whenRoom: (_, create) => {
      create();
    },
    addConnection: (connection) => void made.push(connection),
    addPageOwnedConnection: () => undefined,
    conditions: () => ({ ...CONDITIONS, ...policy }),
    quota: world.environment.quotas.join(siteDocument().site),
    pageLegs: { isProven: false },
    leased: () => undefined,
  };
  const sent: ClientMessage[] = [];
  const forgotten: string[] = [];
  const socket = {
    isRegistered: true,
    send: (message: object): string | undefined => {
      if (socket.refusal === undefined) sent.push(message as ClientMessage);
      return socket.refusal;
    },
    refusal: undefined as string | undefined,
    forget: (connectionId: string) => {
      forgotten.push(connectionId);
      return [];
    },
  };
  const { environment } = world;
  const connections = new PeerConnections({
    peerKey: 1,
    owner,
    environment,
    socket,
    config: () => config,
    customSerializers: () => ['mine'],
  });
  const types = () => page.received.slice(1).map((message) => (message as { type: string }).type);
  return { ...world, connections, page, made, sent, forgotten, types, socket, quota: owner.quota };
}

/** The parked connections of a former page, and the next page’s PeerConnections, which are to adopt them. */
function makeReload(
  policy: Partial<Conditions> = {},
  begin: (former: ReturnType<typeof makeConnections>) => void = () => {},
) {
  const keeping = { keepsLinks: true, ...policy };
  const former = makeConnections(keeping);
  begin(former);
  former.connections.park();
  const next = makeConnections(keeping, {}, former);
  next.connections.prepareAdoption(former.connections.parkedPeer);
  return { former, next, peerConnections: former.peerConnections, clock: former.clock };
}

/** A direct call whose offer is out. */
function makeCalling(create: Partial<CallCreate> = {}) {
  const world = makeConnections();
  world.connections.call(callCreate({ route: 'direct', ...create }));
  const signal = (type: SignalMessage['type']): void => {
    const payload = { type: 'media', connectionId: 'mc_1' };
    if ('handlePageSignal' in world.made[0]!) world.made[0].handlePageSignal('remote', { type, payload });
  };
  signal('OFFER');
  return { ...world, signal };
}

const sdp = { type: 'offer' as const, sdp: description(['audio', 'sendrecv']) };
const answerSdp = { type: 'answer' as const, sdp: '' };

const dataSdp = { type: 'offer' as const, sdp: DATA_OFFER };

function offer(payload: Partial<Offer['payload']> = {}, src = 'remote'): Offer {
  const ofKind = payload.type === 'data' ? dataSdp : sdp;
  return { type: 'OFFER', src, payload: { sdp: ofKind, type: 'media', connectionId: 'mc_r', ...payload } };
}

const candidate = (n: number) => ({ candidate: `candidate:${n}`, sdpMid: '0' });
const candidateOf = (n: number, src = 'remote', connectionId = 'mc_r') => ({
  type: 'CANDIDATE' as const,
  src,
  payload: { candidate: candidate(n), connectionId },
});

describe('PeerConnections with an incoming call', () => {
  it('announces the call to the page, which may answer it or not', () => {
    const { connections, page, peerConnections } = makeConnections();
    connections.handleOffer(offer({ metadata: { a: 1 } }));
    expect(page.ofType('call.incoming')).toEqual([
      {
        type: 'call.incoming',
        peerKey: 1,
        connectionKey: -1,
        remotePeerId: 'remote',
        connectionId: 'mc_r',
        metadata: { a: 1 },
        offer: sdp,
      },
    ]);
    expect(peerConnections.made).toEqual([]);
  });

  it('treats a repeated offer as a new call, as PeerJS does', () => {
    const { connections, types, made } = makeConnections();
    connections.handleOffer(offer());
    connections.handleOffer(offer());
    expect(types()).toEqual(['call.incoming', 'connection.closed', 'call.incoming']);
    expect(made.map(({ description: { connectionKey } }) => connectionKey)).toEqual([-1, -2]);
  });

  it('keeps the call when another peer makes an offer with the same ID', () => {
    const { connections, types } = makeConnections();
    connections.handleOffer(offer());
    connections.handleOffer(offer({}, 'attacker'));
    expect(types()).toEqual(['call.incoming', 'call.incoming']);
  });

  it('passes early candidates to the call that they belong to', () => {
    const { connections, page, made } = makeConnections();
    for (const n of [1, 2]) connections.handleCandidate(candidateOf(n));
    connections.handleCandidate(candidateOf(3, 'attacker'));
    connections.handleCandidate(candidateOf(4, 'remote', 'mc_x'));
    connections.handleOffer(offer());
    connections.handleCandidate(candidateOf(5));
    if ('answer' in made[0]! && 'call' in made[0]) made[0].answer(callAnswer({ route: 'direct' }));
    const signals = page.ofType('call.signal') as unknown as { message: SignalMessage }[];
    expect(signals.map(({ message }) => message.payload.candidate)).toEqual([1, 2, 5].map(candidate));
  });

  it('accepts sixteen calls of one remote peer, and more only after it hangs up or one has rung for a minute', () => {
    const { connections, page } = makeConnections();
    for (let n = 0; n < 20; n++) connections.handleOffer(offer({ connectionId: `mc_${n}` }));
    expect(page.ofType('call.incoming')).toHaveLength(16);
    connections.handleLeave('remote');
    vi.advanceTimersByTime(30_000);
    connections.handleOffer(offer({ connectionId: 'mc_later' }));
    expect(page.ofType('call.incoming')).toHaveLength(17);
    for (let n = 0; n < 15; n++) connections.handleOffer(offer({ connectionId: `mc_more_${n}` }));
    vi.advanceTimersByTime(60_000);
    connections.handleOffer(offer({ connectionId: 'mc_last' }));
    // The call that rang longest has given up its place.
    expect(page.ofType('connection.closed').slice(16)).toEqual([{ type: 'connection.closed', connectionKey: -17 }]);
    expect(page.ofType('call.incoming').at(-1)).toMatchObject({ connectionId: 'mc_last' });
  });

  it('creates nothing for an offer without a valid description', () => {
    const { connections, page, peerConnections, environment } = makeConnections();
    for (const type of ['data', 'media']) {
      const serialization = 'raw';
      for (const text of ['x', '', 'v=0\r\n']) {
        const sdp = { type: 'offer' as const, sdp: text };
        connections.handleOffer(offer({ type, serialization, sdp, connectionId: `${type} ${text}` }));
      }
    }
    // The page gets one warning, however often a remote peer sends such offers.
    expect([page.received.length, page.ofType('peer.warning').length, peerConnections.made.length]).toEqual([2, 1, 0]);
    expect(environment.quotas.join(siteDocument().site)).toMatchObject({ connections: 0, unestablished: { size: 0 } });
  });
});

describe('PeerConnections with an outgoing call', () => {
  it('takes the route that the user has set for the origin', () => {
    const { connections, page, peerConnections } = makeConnections({ callRoute: 'direct' });
    connections.call(callCreate({ route: 'hosted' }));
    expect(page.ofType('call.route')).toMatchObject([{ connectionKey: 1, route: 'direct' }]);
    expect(peerConnections.made).toEqual([]);
  });

  it('uses RTCPeerConnections with encoded frames for calls only', async () => {
    const { connections, environment, peerConnections } = makeConnections();
    const create = vi.fn((): RTCPeerConnection => {
      throw new Error('no more connections');
    });
    vi.spyOn(environment, 'mediaPaths').mockReturnValue(forwardingPaths(create, noPlaceholders));
    connections.connect(connectionCreate({ connectionKey: 2 }));
    expect(peerConnections.made).toHaveLength(1);
    expect(create).not.toHaveBeenCalled();
    connections.call(callCreate());
    expect(create).toHaveBeenCalledWith({ bundlePolicy: 'max-bundle', encodedInsertableStreams: true });
  });

  it('refuses metadata that is not JSON, and reports it', () => {
    const { connections, types, made } = makeConnections();
    connections.call(callCreate({ metadata: '{' }));
    expect(types()).toEqual(['connection.error', 'connection.closed']);
    expect(made).toEqual([]);
  });

  it('counts two RTCPeerConnections per call, and reports a limit once the site has none left', () => {
    const { connections, page } = makeConnections();
    const most = MOST_FOR_A_SITE.connections / 2;
    for (let key = 1; key <= most + 1; key++) {
      connections.call(callCreate({ connectionKey: key, connectionId: `mc_${key}`, route: 'direct' }));
    }
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: most + 1 }]);
  });

  it('ends the former call of a name that the page uses again', () => {
    const { connections, page } = makeConnections();
    connections.call(callCreate({ route: 'direct' }));
    connections.call(callCreate({ connectionKey: 2, route: 'direct' }));
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    connections.closeAll();
    expect(page.ofType('connection.closed')).toHaveLength(2);
  });
});

describe('PeerConnections with a call that is not answered yet', () => {
  it('accepts the answer of the called peer only', () => {
    const { connections, page } = makeCalling();
    connections.handleAnswer({ type: 'ANSWER', src: 'attacker', payload: { sdp: answerSdp, connectionId: 'mc_1' } });
    expect(page.ofType('call.accepted')).toEqual([]);
    connections.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'mc_1' } });
    expect(page.ofType('call.accepted')).toHaveLength(1);
  });

  it('ends the call if the remote peer is absent', () => {
    const { connections, types } = makeCalling();
    connections.handleExpiry('another');
    expect(types()).toEqual(['peer.error']);
    connections.handleExpiry('remote');
    expect(types()).toEqual(['peer.error', 'peer.error', 'connection.error', 'connection.closed']);
  });

  it('keeps a call that was answered before a message to the remote peer expired', () => {
    const { connections, page } = makeCalling();
    connections.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'mc_1' } });
    connections.handleExpiry('remote');
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it('ends the call if the remote peer leaves', () => {
    const { connections, types } = makeCalling();
    connections.handleLeave('remote');
    expect(types()).toEqual(['connection.closed', 'peer.leave']);
  });

  it('repeats once an offer that may be lost with its socket', () => {
    const { connections, sent, forgotten, signal } = makeCalling();
    signal('CANDIDATE');
    connections.handleLoss();
    expect(forgotten).toEqual(['mc_1']);
    for (let n = 0; n < 2; n++) connections.handleReplayed();
    expect(sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE', 'OFFER', 'CANDIDATE']);
  });
});

describe('PeerConnections with relays only', () => {
  const relay = { urls: ['turn:relay.example'] };
  const stun = { urls: 'stun:stun.example' };
  const onlyRelays = { iceServers: [relay], iceTransportPolicy: 'relay' };
  const noRelay = expect.stringContaining('relays (TURN servers) only') as string;

  it('creates every data connection with relays only', async () => {
    const { connections, peerConnections } = makeConnections({ relayedOnly: true }, { iceServers: [stun, relay] });
    connections.connect(connectionCreate());
    connections.handleOffer(offer({ type: 'data', serialization: 'json', connectionId: 'dc_r' }));
    expect(peerConnections.made.map(({ config }) => config)).toEqual([onlyRelays, onlyRelays]);
  });

  it('creates the remote leg of a call with relays only, but not its page leg', async () => {
    const { connections, environment } = makeConnections({ relayedOnly: true }, { iceServers: [stun, relay] });
    const fakeConnections = new FakeMediaConnections();
    vi.spyOn(environment, 'mediaPaths').mockReturnValue(forwardingPaths(fakeConnections.create, noPlaceholders));
    connections.call(callCreate());
    await settled();
    const ours = { bundlePolicy: 'max-bundle', encodedInsertableStreams: true };
    expect(fakeConnections.made.map(({ config }) => config)).toEqual([ours, { ...onlyRelays, ...ours }]);
  });

  it('reports a missing relay at once for connections, calls and incoming offers', () => {
    const { connections, page, peerConnections, sent } = makeConnections({ relayedOnly: true }, { iceServers: [stun] });
    connections.connect(connectionCreate({ connectionKey: 1 }));
    connections.call(callCreate({ connectionKey: 2 }));
    expect(page.ofType('connection.error')).toMatchObject(
      [1, 2].map((connectionKey) => ({ connectionKey, error: { type: 'negotiation-failed', message: noRelay } })),
    );
    expect(page.ofType('connection.closed')).toHaveLength(2);
    connections.handleOffer(offer({ type: 'data', serialization: 'json', connectionId: 'dc_r' }));
    expect(page.ofType('peer.error').at(-1)).toMatchObject({ error: { type: 'webrtc', message: noRelay } });
    // The only RTCPeerConnection is the page leg of the call.
    expect(peerConnections.made.every(({ config }) => !config.iceServers)).toBe(true);
    expect(sent).toEqual([]);
  });

  it('ends a connection if no relay gives a candidate', async () => {
    const { connections, page, peerConnections } = makeConnections({ relayedOnly: true }, { iceServers: [relay] });
    connections.connect(connectionCreate());
    peerConnections.last.fireCandidate(null);
    expect(page.ofType('connection.error')).toMatchObject([
      { error: { type: 'negotiation-failed', message: expect.stringContaining('no relay could be used') as string } },
    ]);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('signals relayed candidates only, whatever the browser gathers', async () => {
    const { connections, peerConnections, sent } = makeConnections({ relayedOnly: true }, { iceServers: [relay] });
    connections.connect(connectionCreate());
    await settled();
    peerConnections.last.fireCandidate('candidate:1 1 udp 1 192.168.1.7 5 typ host');
    peerConnections.last.fireCandidate('candidate:2 1 udp 1 198.51.100.4 6 typ relay raddr 192.168.1.7 rport 5');
    expect(sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
    expect(JSON.stringify(sent)).not.toContain('192.168.1.7');
  });

  it('applies the user’s policy at the time of the answer, not of the call', async () => {
    const policy: Partial<Conditions> = {};
    const { connections, page, made } = makeConnections(policy);
    connections.handleOffer(offer());
    policy.relayedOnly = true;
    if ('answer' in made[0]! && 'call' in made[0]) made[0].answer(callAnswer({ route: 'direct' }));
    await settled();
    expect(page.ofType('call.route')).toMatchObject([{ route: 'hosted' }]);
    expect(page.ofType('connection.error')).toMatchObject([
      { error: { type: 'negotiation-failed', message: noRelay } },
    ]);
  });

  it('refuses page-owned connections of either side, and reports once for each', () => {
    const { connections, page, sent } = makeConnections({ relayedOnly: true });
    for (const type of ['OFFER', 'CANDIDATE', 'ANSWER', 'CANDIDATE']) {
      connections.signal({ type, dst: 'remote', payload: { connectionId: 'dc_1' } });
    }
    connections.handleOffer(offer({ type: 'data', serialization: 'mine', connectionId: 'dc_r' }));
    const refusal = {
      error: { type: 'webrtc', message: expect.stringContaining('with a custom serializer') as string },
    };
    expect(page.ofType('peer.error')).toMatchObject([refusal, refusal, refusal]);
    expect(page.ofType('peer.signal')).toEqual([]);
    expect(sent).toEqual([]);
    connections.signal({ type: 'CUSTOM', payload: 1 });
    expect(sent).toHaveLength(1);
  });
});

describe('PeerConnections with a custom serializer', () => {
  const theirs = () => offer({ type: 'data', serialization: 'mine', connectionId: 'dc_r' });
  const own = { dst: 'remote', payload: { connectionId: 'dc_1', label: 'chat' } };

  it('list page-owned connections beside hosted ones until the page reports their end', async () => {
    const { connections } = makeConnections();
    connections.connect(connectionCreate({ connectionId: 'dc_0' }));
    connections.signal({ type: 'OFFER', ...own });
    connections.handleOffer(theirs());
    await settled();
    const ids = () => connections.all.map(({ description: { connectionId } }) => connectionId);
    expect(ids()).toEqual(['dc_0', 'dc_1', 'dc_r']);
    connections.handleGone({ type: 'peer.connectionGone', peerKey: 1, remotePeerId: 'remote', connectionId: 'dc_1' });
    expect(ids()).toEqual(['dc_0', 'dc_r']);
    connections.closeAll();
    expect(ids()).toEqual([]);
  });

  it('pass early candidates to the page after their offer', () => {
    const { connections, page } = makeConnections();
    connections.handleCandidate(candidateOf(1, 'remote', 'dc_r'));
    connections.handleOffer(theirs());
    expect(page.ofType('peer.signal')).toMatchObject([
      { message: { type: 'OFFER' } },
      { message: { type: 'CANDIDATE', payload: { candidate: candidate(1) } } },
    ]);
  });

  it('send no more signals of a connection that is closing', () => {
    const { connections, sent } = makeConnections();
    connections.signal({ type: 'OFFER', ...own });
    connections.all[0]!.close();
    connections.signal({ type: 'CANDIDATE', ...own });
    connections.handleOffer(offer({ type: 'data', serialization: 'mine', connectionId: 'dc_1' }));
    expect(sent.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('ask the page to close connections to a peer that leaves, and drop those to a peer that is absent', () => {
    const { connections, page } = makeConnections();
    connections.handleOffer(theirs());
    connections.handleLeave('remote');
    expect(page.ofType('peer.closeConnection')).toMatchObject([{ connectionId: 'dc_r' }]);
    connections.signal({ type: 'OFFER', ...own });
    connections.handleExpiry('remote');
    expect(connections.all.map(({ description: { connectionId } }) => connectionId)).toEqual(['dc_r']);
  });
});

describe('PeerConnections of a site with some kinds switched off', () => {
  const noData = { allows: { data: false, calls: true } };
  const noCalls = { allows: { data: true, calls: false } };
  const denied = [{ error: { type: 'permission-denied' } }];

  it('refuse the page a data connection, and signal nothing', async () => {
    const { connections, page, sent, types } = makeConnections(noData);
    connections.connect(connectionCreate());
    await settled();
    expect(page.ofType('connection.error')).toMatchObject(denied);
    expect([types(), sent]).toEqual([['connection.error', 'connection.closed'], []]);
  });

  it('refuse the page a call', async () => {
    const { connections, page, sent } = makeConnections(noCalls);
    connections.call(callCreate());
    await settled();
    expect(page.ofType('connection.error')).toMatchObject(denied);
    expect(sent).toEqual([]);
  });

  it('answer no offer of a kind that is switched off', async () => {
    const data = offer({ type: 'data', serialization: 'binary', connectionId: 'dc_r' });
    const without = makeConnections(noData);
    without.connections.handleOffer(data);
    without.connections.handleOffer(offer({ type: 'data', serialization: 'mine', connectionId: 'dc_m' }));
    const silent = makeConnections(noCalls);
    silent.connections.handleOffer(offer());
    await settled();
    expect([without.types(), without.sent, silent.types(), silent.sent]).toEqual([[], [], [], []]);
    silent.connections.handleOffer(data);
    without.connections.handleOffer(offer());
    expect([without.types(), silent.types()[0]]).toEqual([['call.incoming'], 'connection.incoming']);
  });

  it('pass none of the page’s own signals of such a kind, and report once', () => {
    const { connections, page, sent } = makeConnections(noData);
    for (const type of ['OFFER', 'CANDIDATE', 'CANDIDATE']) {
      connections.signal({ type, dst: 'remote', payload: { type: 'data', connectionId: 'dc_1' } });
    }
    expect(sent).toEqual([]);
    expect(page.ofType('peer.error')).toMatchObject(denied);
  });
});

describe('PeerConnections without a page', () => {
  const data = (connectionId: string, payload: Partial<Offer['payload']> = {}) =>
    offer({ type: 'data', serialization: 'json', connectionId, ...payload });

  it('end the calls and park the data connections', async () => {
    const { connections, types } = makeConnections();
    connections.connect(connectionCreate({ connectionKey: 1 }));
    connections.call(callCreate({ connectionKey: 2, route: 'direct' }));
    connections.handleOffer(offer());
    await settled();
    connections.park();
    expect(connections.all.map(({ description }) => description.connectionId)).toEqual(['dc_1']);
    expect(types().filter((type) => type === 'connection.closed')).toHaveLength(2);
  });

  it('answer offers of data connections, and park these connections', async () => {
    const { former, next, peerConnections } = makeReload();
    former.connections.handleOffer(data('dc_r', { label: 'chat', metadata: 1, reliable: true }));
    await settled();
    expect(former.sent).toMatchObject([{ type: 'ANSWER', dst: 'remote' }]);
    const channel = peerConnections.last.fireChannel();
    channel.open();
    channel.receive('"early"');
    next.connections.adopt();
    expect(next.types()).toEqual(['connection.incoming', 'connection.state', 'connection.open', 'texts']);
    expect(next.page.ofType('connection.incoming')).toEqual([
      {
        type: 'connection.incoming',
        peerKey: 1,
        connectionKey: -1,
        connectionId: 'dc_r',
        remotePeerId: 'remote',
        label: 'chat',
        metadata: 1,
        serialization: 'json',
        reliable: true,
      },
    ]);
  });

  it('park the offer of a call with its candidates', () => {
    const { former, next } = makeReload();
    former.connections.handleCandidate(candidateOf(1));
    former.connections.handleOffer(offer());
    former.connections.handleCandidate(candidateOf(2));
    next.connections.adopt();
    expect(next.page.ofType('call.incoming')).toMatchObject([{ connectionId: 'mc_r', remotePeerId: 'remote' }]);
    const [call] = next.made;
    if ('answer' in call! && 'call' in call) call.answer(callAnswer({ route: 'direct' }));
    const signals = next.page.ofType('call.signal') as unknown as { message: SignalMessage }[];
    expect(signals.map(({ message }) => message.payload.candidate)).toEqual([1, 2].map(candidate));
  });

  it('park an offer with a custom serializer and its candidates', () => {
    const { former, next } = makeReload();
    former.connections.handleOffer(data('dc_m', { serialization: 'mine' }));
    former.connections.handleCandidate(candidateOf(1, 'remote', 'dc_m'));
    next.connections.adopt();
    expect(next.page.ofType('peer.signal')).toMatchObject([
      { message: { type: 'OFFER' } },
      { message: { type: 'CANDIDATE', payload: { candidate: candidate(1) } } },
    ]);
  });

  it('park sixteen offers at most', () => {
    const { former, next } = makeReload();
    for (let n = 1; n <= 17; n++) former.connections.handleOffer(offer({ connectionId: `mc_${n}` }));
    next.connections.adopt();
    expect(
      next.page
        .ofType('call.incoming')
        .map(({ connectionId }) => connectionId)
        .at(-1),
    ).toBe('mc_16');
  });

  it('drop the parked call of a caller that leaves', () => {
    const { former, next } = makeReload();
    former.connections.handleOffer(offer());
    former.connections.handleOffer(offer({}, 'another'));
    former.connections.handleLeave('remote');
    next.connections.adopt();
    expect(next.page.ofType('call.incoming')).toMatchObject([{ remotePeerId: 'another' }]);
  });

  it('hide an offer with an unknown serialization from the next page too', () => {
    const { former, next } = makeReload();
    former.connections.handleOffer(data('dc_x', { serialization: 'unheard of' }));
    next.connections.adopt();
    expect([next.types(), next.sent]).toEqual([[], []]);
  });

  it('park no offer of a kind that is switched off', () => {
    const { former, next } = makeReload({ allows: { data: true, calls: false } });
    former.connections.handleOffer(offer());
    next.connections.adopt();
    expect(next.types()).toEqual([]);
  });

  it('replace a parked connection when its offer is repeated', async () => {
    const { former, next } = makeReload();
    former.connections.handleOffer(data('dc_r'));
    former.connections.handleOffer(data('dc_r'));
    await settled();
    next.connections.adopt();
    expect(next.page.ofType('connection.incoming')).toHaveLength(1);
  });

  it.each<[string, (connections: PeerConnections) => void]>([
    ['the remote peer leaves', (connections) => connections.handleLeave('remote')],
    ['the server gives up on its offer', (connections) => connections.handleExpiry('remote')],
  ])('end a connection when %s', async (_, end) => {
    const { former, next } = makeReload({}, ({ connections }) => connections.connect(connectionCreate()));
    await settled();
    end(former.connections);
    next.connections.adopt();
    expect([former.connections.all, next.connections.all, next.types()]).toEqual([[], [], []]);
  });
});

describe('PeerConnections that adopt from a parked Peer', () => {
  it('have the former page’s connections, which the parked Peer no longer has', async () => {
    const { former, next } = makeReload({}, ({ connections }) => {
      connections.connect(connectionCreate());
      connections.handleOffer(offer({ type: 'data', serialization: 'json', connectionId: 'dc_r' }));
    });
    await settled();
    const { all } = former.connections;
    next.connections.adopt();
    expect([former.connections.all, next.connections.all, next.made]).toEqual([[], all, all]);
    former.connections.closeAll();
    expect(former.peerConnections.made.map(({ signalingState }) => signalingState)).not.toContain('closed');
    next.connections.closeAll();
    expect(former.environment.quotas.join(siteDocument().site)).toMatchObject({ connections: 0, heldBytes: 0 });
  });

  it('receive the answer and candidates for a connection that the former page opened', async () => {
    const { former, next, peerConnections } = makeReload({}, ({ connections }) =>
      connections.connect(connectionCreate()),
    );
    await settled();
    // The server may deliver held-back messages before it confirms the registration.
    next.connections.handleCandidate(candidateOf(1, 'remote', 'dc_1'));
    next.connections.adopt();
    next.connections.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'dc_1' } });
    await settled();
    next.connections.handleCandidate(candidateOf(2, 'remote', 'dc_1'));
    await settled();
    expect(peerConnections.last.candidates).toEqual([1, 2].map(candidate));
    expect(former.sent).toHaveLength(1);
  });

  it('repeat a pending offer with its candidates over their own socket', async () => {
    const { former, next, peerConnections } = makeReload({}, ({ connections }) =>
      connections.connect(connectionCreate()),
    );
    await settled();
    peerConnections.last.fireCandidate('candidate:1');
    next.connections.adopt();
    next.connections.handleReplayed();
    expect(former.sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
    expect(next.sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
  });

  it('report native failures of adopted connections to their own page', async () => {
    const { former, next, peerConnections } = makeReload({}, ({ connections }) =>
      connections.connect(connectionCreate()),
    );
    await settled();
    next.connections.adopt();
    peerConnections.last.failures.set('setRemoteDescription', new Error('bad'));
    next.connections.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'dc_1' } });
    await settled();
    expect([former, next].map(({ page }) => page.ofType('peer.error').length)).toEqual([0, 1]);
  });

  it('post connections to their page: incoming ones at once, those that the page does not reopen after a moment', async () => {
    const { former, next, clock } = makeReload({}, ({ connections }) => {
      connections.connect(connectionCreate());
      connections.handleOffer(offer({ type: 'data', serialization: 'json', connectionId: 'dc_r' }));
    });
    await settled();
    for (const { channel, channels } of former.peerConnections.made) if (channels.length > 0) channel.open();
    next.connections.adopt();
    const incoming = () =>
      next.page.ofType('connection.incoming').map(({ connectionKey, connectionId }) => [connectionKey, connectionId]);
    expect(incoming()).toEqual([[-2, 'dc_r']]);
    expect(clock.delays).toEqual([RECLAIM_MS]);
    expect(next.page.ofType('connection.open')).toEqual([]);
    clock.run();
    expect(incoming()).toEqual([
      [-2, 'dc_r'],
      [-1, 'dc_1'],
    ]);
    expect(next.page.ofType('connection.open')).toMatchObject([{ connectionKey: -1 }]);
  });

  it.each(['before', 'after'])('give the page a connection that it reopens %s the adoption, once', async (moment) => {
    const { next, clock, peerConnections } = makeReload({}, ({ connections }) =>
      connections.connect(connectionCreate()),
    );
    await settled();
    peerConnections.last.channel.open();
    peerConnections.last.fireIceState('connected');
    const reopen = () =>
      next.connections.connect(connectionCreate({ connectionKey: 5, connectionId: 'dc_5', label: 'dc_5' }));
    if (moment === 'before') reopen();
    expect(next.types()).toEqual([]);
    next.connections.adopt();
    if (moment === 'after') reopen();
    clock.run();
    expect(next.page.ofType('connection.open')).toMatchObject([{ connectionKey: 5, connectionId: 'dc_1' }]);
    expect(next.page.ofType('connection.incoming')).toEqual([]);
    expect(peerConnections.made).toHaveLength(1);
  });

  it('post nothing to a page that is gone before it has reopened a connection', async () => {
    const { next, clock } = makeReload({}, ({ connections }) => connections.connect(connectionCreate()));
    await settled();
    next.connections.adopt();
    next.connections.park();
    clock.run();
    expect(next.page.ofType('connection.incoming')).toEqual([]);
  });

  it('give the page a new connection if the parked one is not usable', async () => {
    const { next, peerConnections } = makeReload({}, ({ connections }) => connections.connect(connectionCreate()));
    await settled();
    peerConnections.last.channel.open();
    peerConnections.last.iceConnectionState = 'disconnected';
    next.connections.adopt();
    next.connections.connect(connectionCreate({ connectionKey: 2, connectionId: 'dc_2', label: 'dc_2' }));
    expect(peerConnections.made).toHaveLength(2);
  });

  it('refuse metadata that is not JSON before they look for a parked connection', () => {
    const { next } = makeReload({}, ({ connections }) => connections.connect(connectionCreate()));
    next.connections.connect(connectionCreate({ connectionKey: 2, metadata: '{' }));
    expect(next.types()).toEqual(['connection.error', 'connection.closed']);
  });
});

const raw = { type: 'data', serialization: 'raw' } as const;
const dataOffer = (n: number, src = 'remote') => offer({ ...raw, connectionId: `dc_${n}` }, src);

describe('PeerConnections with many incoming offers', () => {
  it('answers a limited number of offers of one remote peer, and the next when one is established', async () => {
    const { connections, page, peerConnections } = makeConnections();
    for (let n = 0; n < 20; n++) connections.handleOffer(dataOffer(n));
    connections.handleCandidate(candidateOf(7, 'remote', 'dc_16'));
    expect([peerConnections.made.length, page.ofType('connection.incoming').length]).toEqual([16, 16]);
    await settled();
    peerConnections.made[0]!.fireChannel().open();
    expect(page.ofType('connection.incoming').slice(16)).toMatchObject([{ connectionId: 'dc_16' }]);
    await settled();
    expect(peerConnections.last.candidates).toEqual([candidate(7)]);
  });

  it('ends connections that are not established in time, and drops queued offers that are as old', async () => {
    const { connections, page, peerConnections, quota } = makeConnections();
    for (let n = 0; n < 520; n++) connections.handleOffer(dataOffer(n));
    await settled();
    expect(peerConnections.made).toHaveLength(16);
    vi.advanceTimersByTime(30_000);
    expect(peerConnections.made.map(({ signalingState }) => signalingState)).toEqual(Array(16).fill('closed'));
    expect(page.ofType('connection.error')).toHaveLength(16);
    expect(page.ofType('connection.error')[0]).toMatchObject({
      error: { type: 'negotiation-failed', message: expect.stringContaining('within 30 seconds') as string },
    });
    expect(quota).toMatchObject({ connections: 0, peerConnections: 0, heldBytes: 0, unestablished: { size: 0 } });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('forgets the offers of a remote peer that leaves', () => {
    const { connections, page } = makeConnections();
    for (let n = 0; n < 20; n++) connections.handleOffer(dataOffer(n));
    connections.handleLeave('remote');
    vi.advanceTimersByTime(30_000);
    expect(page.ofType('connection.incoming')).toHaveLength(16);
  });

  it('warns the page once a minute about unanswered offers, and signals nothing to remote peers', () => {
    const { connections, page, sent, quota } = makeConnections();
    quota.limits = { ...CONDITIONS.limits, connections: 0 };
    for (let n = 0; n < 50; n++) connections.handleOffer(dataOffer(n));
    vi.advanceTimersByTime(60_000);
    connections.handleOffer(dataOffer(51));
    expect(page.ofType('peer.warning')).toHaveLength(2);
    expect(page.ofType('peer.warning')[0]).toMatchObject({
      message: expect.stringMatching(/^An offer from a remote peer is not answered. This site already has/) as string,
    });
    expect([page.received.length, sent]).toEqual([3, []]);
  });

  it('hands queued offers over to the next page', async () => {
    const { former, next } = makeReload({}, ({ connections }) => {
      for (let n = 0; n < 17; n++) connections.handleOffer(dataOffer(n));
    });
    next.connections.adopt();
    vi.advanceTimersByTime(30_000);
    await settled();
    expect(former.page.ofType('connection.incoming')).toHaveLength(16);
    expect(next.page.ofType('connection.incoming').map(({ connectionId }) => connectionId)).toContain('dc_16');
  });

  it('closes a connection whose offer the browser cannot answer, and reports it', async () => {
    const { connections, types, peerConnections, quota } = makeConnections();
    connections.handleOffer(dataOffer(1));
    peerConnections.last.failures.set('createAnswer', new Error('no'));
    await settled();
    expect(types().filter((type) => type !== 'connection.state')).toEqual([
      'connection.incoming',

      'connection.error',
      'peer.error',
      'connection.closed',
    ]);
    expect(peerConnections.last.signalingState).toBe('closed');
    expect(quota).toMatchObject({ connections: 0, peerConnections: 0 });
  });

  it('limits the errors about candidates that it reports to the page', async () => {
    const { connections, page, peerConnections } = makeConnections();
    for (let n = 0; n < 4; n++) connections.handleOffer(dataOffer(n));
    await settled();
    for (const connection of peerConnections.made) connection.failures.set('addIceCandidate', new Error('no'));
    for (let n = 0; n < 400; n++) connections.handleCandidate(candidateOf(n, 'remote', `dc_${n % 4}`));
    await settled();
    expect(page.ofType('peer.error')).toHaveLength(16);
  });
});

describe('PeerConnections with an outgoing connection', () => {
  it('ends a connection that is not established in time, and reports it', async () => {
    const { connections, page, peerConnections } = makeConnections();
    connections.connect(connectionCreate());
    await settled();
    vi.advanceTimersByTime(29_999);
    expect(page.ofType('connection.closed')).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(page.ofType('connection.error')).toMatchObject([
      { connectionKey: 1, error: { type: 'negotiation-failed' } },
    ]);
    expect(page.ofType('connection.closed')).toHaveLength(1);
    expect(peerConnections.last.signalingState).toBe('closed');
  });

  it('leaves an open connection alone after its deadline', async () => {
    const { connections, page, peerConnections } = makeConnections();
    connections.connect(connectionCreate());
    await settled();
    peerConnections.last.channel.open();
    connections.handleRegistered();
    vi.advanceTimersByTime(3_600_000);
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it('restarts the deadline whenever the offer goes out', async () => {
    const { connections, page, socket } = makeConnections();
    socket.isRegistered = false;
    connections.connect(connectionCreate());
    await settled();
    vi.advanceTimersByTime(3_600_000);
    connections.handleRegistered();
    vi.advanceTimersByTime(20_000);
    // The socket is lost, and connects again much later.
    connections.handleLoss();
    vi.advanceTimersByTime(3_600_000);
    connections.handleRegistered();
    vi.advanceTimersByTime(29_999);
    expect(page.ofType('connection.closed')).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('ends a connection whose offer the socket refuses, and reports why', async () => {
    const { connections, page, socket } = makeConnections();
    socket.refusal = 'Too much.';
    connections.connect(connectionCreate());
    await settled();
    expect(page.ofType('connection.error')).toMatchObject([{ error: { type: 'limit-reached', message: 'Too much.' } }]);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('reports why the socket refuses a message that the page sends itself', () => {
    const { connections, page, socket } = makeConnections();
    socket.refusal = 'Too much.';
    connections.signal({ type: 'CUSTOM', payload: 'x' });
    const error = { type: 'limit-reached', message: 'Too much.' };
    expect(page.ofType('peer.error')).toEqual([{ type: 'peer.error', peerKey: 1, error }]);
  });

  it('repeats adopted offers at once if the server has already delivered everything', async () => {
    const { former, next } = makeReload({}, ({ connections }) => {
      connections.connect(connectionCreate({ serialization: 'raw' }));
    });
    await settled();
    former.connections.handleLoss();
    next.connections.handleReplayed();
    next.connections.adopt();
    expect(next.sent).toMatchObject([{ type: 'OFFER', payload: { connectionId: 'dc_1' } }]);
  });
});

describe('PeerConnections with all kinds switched off', () => {
  it('queues no early candidates', () => {
    const { connections, quota } = makeConnections({ allows: { data: false, calls: false } });
    connections.handleCandidate(candidateOf(1));
    expect(quota.heldBytes).toBe(0);
    const other = makeConnections({ allows: { data: false, calls: true } });
    other.connections.handleCandidate(candidateOf(1));
    expect(other.quota.heldBytes).toBeGreaterThan(0);
  });
});
