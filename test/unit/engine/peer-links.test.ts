import { noStandIns } from '../../support/fakes/encoded-end';
import '../../support/fakes/media-globals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Hosted } from '../../../src/engine/hosted-connections';
import { Outbox } from '../../../src/engine/outbox';
import { forwardingWays } from '../../../src/engine/media-ways';
import type { PeerOwner } from '../../../src/engine/peer-context';
import { PeerLinks } from '../../../src/engine/peer-links';
import type { Offer } from '../../../src/engine/signalling-messages';
import type { Conditions } from '../../../src/protocol/control-messages';
import { MOST_FOR_A_SITE } from '../../../src/protocol/host-limits';
import type { CallCreate, PortableConfiguration } from '../../../src/protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../../../src/protocol/signalling';
import { endpointPair } from '../../support/fakes/endpoint-pair';
import { CONDITIONS, hostedWorld } from '../../support/fakes/hosted-world';
import { description, FakeMediaConnections } from '../../support/fakes/media-connection';
import { callAnswer, callCreate, connectionCreate } from '../../support/fakes/page-messages';
import { siteDocument } from '../../support/fakes/site-documents';
import { settled } from '../../support/fakes/settled';
import { DATA_OFFER } from '../../support/sdp-samples';

// A hosted call waits for its link for a while.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

function makeLinks(policy: Partial<Conditions> = {}, config: PortableConfiguration = {}, world = hostedWorld()) {
  const [host, page] = endpointPair();
  const outbox = new Outbox(world.clock, () => undefined);
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
    addPageConnection: () => undefined,
    conditions: () => ({ ...CONDITIONS, ...policy }),
    quota: world.context.quotas.join(siteDocument().site),
    links: { isProven: false },
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
  const { context } = world;
  const links = new PeerLinks({
    peerKey: 1,
    owner,
    context,
    socket,
    config: () => config,
    pageSerializers: () => ['mine'],
  });
  const types = () => page.received.slice(1).map((message) => (message as { type: string }).type);
  return { ...world, links, page, made, sent, forgotten, types, socket, quota: owner.quota };
}

/** The links of a page that is gone, and those of the next one, which are to take them over. */
function makeReload(
  policy: Partial<Conditions> = {},
  begin: (former: ReturnType<typeof makeLinks>) => void = () => {},
) {
  const keeping = { keepsLinks: true, ...policy };
  const former = makeLinks(keeping);
  begin(former);
  former.links.hold();
  const next = makeLinks(keeping, {}, former);
  next.links.follow(former.links.estate);
  return { former, next, peerConnections: former.peerConnections };
}

/** A direct call whose offer is out. */
function makeCalling(create: Partial<CallCreate> = {}) {
  const world = makeLinks();
  world.links.call(callCreate({ route: 'direct', ...create }));
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
const parked = (n: number, src = 'remote', connectionId = 'mc_r') => ({
  type: 'CANDIDATE' as const,
  src,
  payload: { candidate: candidate(n), connectionId },
});

describe('PeerLinks is called', () => {
  it('and tells the page, which may answer or not', () => {
    const { links, page, peerConnections } = makeLinks();
    links.handleOffer(offer({ metadata: { a: 1 } }));
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

  it('and takes an offer that is repeated for a new call, as PeerJS does', () => {
    const { links, types, made } = makeLinks();
    links.handleOffer(offer());
    links.handleOffer(offer());
    expect(types()).toEqual(['call.incoming', 'connection.closed', 'call.incoming']);
    expect(made.map(({ description: { connectionKey } }) => connectionKey)).toEqual([-1, -2]);
  });

  it('and lets another peer’s offer of the same ID replace nothing', () => {
    const { links, types } = makeLinks();
    links.handleOffer(offer());
    links.handleOffer(offer({}, 'attacker'));
    expect(types()).toEqual(['call.incoming', 'call.incoming']);
  });

  it('and keeps the candidates that came ahead, each for its own call', () => {
    const { links, page, made } = makeLinks();
    for (const n of [1, 2]) links.handleCandidate(parked(n));
    links.handleCandidate(parked(3, 'attacker'));
    links.handleCandidate(parked(4, 'remote', 'mc_x'));
    links.handleOffer(offer());
    links.handleCandidate(parked(5));
    if ('answer' in made[0]! && 'call' in made[0]) made[0].answer(callAnswer({ route: 'direct' }));
    const signals = page.ofType('call.signal') as unknown as { message: SignalMessage }[];
    expect(signals.map(({ message }) => message.payload.candidate)).toEqual([1, 2, 5].map(candidate));
  });

  it('sixteen times by one remote peer, and no more until it has hung up or has rung for a minute', () => {
    const { links, page } = makeLinks();
    for (let n = 0; n < 20; n++) links.handleOffer(offer({ connectionId: `mc_${n}` }));
    expect(page.ofType('call.incoming')).toHaveLength(16);
    links.handleLeave('remote');
    vi.advanceTimersByTime(30_000);
    links.handleOffer(offer({ connectionId: 'mc_later' }));
    expect(page.ofType('call.incoming')).toHaveLength(17);
    for (let n = 0; n < 15; n++) links.handleOffer(offer({ connectionId: `mc_more_${n}` }));
    vi.advanceTimersByTime(60_000);
    links.handleOffer(offer({ connectionId: 'mc_last' }));
    // The one that had rung the longest has given way.
    expect(page.ofType('connection.closed').slice(16)).toEqual([{ type: 'connection.closed', connectionKey: -17 }]);
    expect(page.ofType('call.incoming').at(-1)).toMatchObject({ connectionId: 'mc_last' });
  });

  it('by what is no description without making anything of it', () => {
    const { links, page, peerConnections, context } = makeLinks();
    for (const type of ['data', 'media']) {
      const serialization = 'raw';
      for (const text of ['x', '', 'v=0\r\n']) {
        const sdp = { type: 'offer' as const, sdp: text };
        links.handleOffer(offer({ type, serialization, sdp, connectionId: `${type} ${text}` }));
      }
    }
    // The page's developer is told once, whatever a remote peer sends.
    expect([page.received.length, page.ofType('peer.warning').length, peerConnections.made.length]).toEqual([2, 1, 0]);
    expect(context.quotas.join(siteDocument().site)).toMatchObject({ connections: 0, unestablished: { size: 0 } });
  });
});

describe('PeerLinks calls', () => {
  it('on the route that the user has set for the origin', () => {
    const { links, page, peerConnections } = makeLinks({ callRoute: 'direct' });
    links.call(callCreate({ route: 'hosted' }));
    expect(page.ofType('call.route')).toMatchObject([{ connectionKey: 1, route: 'direct' }]);
    expect(peerConnections.made).toEqual([]);
  });

  it('with connections that give their frames, others than those for data', async () => {
    const { links, context, peerConnections } = makeLinks();
    const create = vi.fn((): RTCPeerConnection => {
      throw new Error('no more connections');
    });
    vi.spyOn(context, 'mediaWays').mockReturnValue(forwardingWays(create, noStandIns));
    links.connect(connectionCreate({ connectionKey: 2 }));
    expect(peerConnections.made).toHaveLength(1);
    expect(create).not.toHaveBeenCalled();
    links.call(callCreate());
    expect(create).toHaveBeenCalledWith({ bundlePolicy: 'max-bundle', encodedInsertableStreams: true });
  });

  it('not with metadata that is no JSON, and says so', () => {
    const { links, types, made } = makeLinks();
    links.call(callCreate({ metadata: '{' }));
    expect(types()).toEqual(['connection.error', 'connection.closed']);
    expect(made).toEqual([]);
  });

  it('as often as one site gets RTCPeerConnections, two for a call, and then says that it is enough', () => {
    const { links, page } = makeLinks();
    const most = MOST_FOR_A_SITE.connections / 2;
    for (let key = 1; key <= most + 1; key++) {
      links.call(callCreate({ connectionKey: key, connectionId: `mc_${key}`, route: 'direct' }));
    }
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: most + 1 }]);
  });

  it('anew under a name that it has in use: the former call ends', () => {
    const { links, page } = makeLinks();
    links.call(callCreate({ route: 'direct' }));
    links.call(callCreate({ connectionKey: 2, route: 'direct' }));
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    links.closeAll();
    expect(page.ofType('connection.closed')).toHaveLength(2);
  });
});

describe('PeerLinks that calls', () => {
  it('hears the answer of the peer that it calls, and of nobody else', () => {
    const { links, page } = makeCalling();
    links.handleAnswer({ type: 'ANSWER', src: 'attacker', payload: { sdp: answerSdp, connectionId: 'mc_1' } });
    expect(page.ofType('call.accepted')).toEqual([]);
    links.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'mc_1' } });
    expect(page.ofType('call.accepted')).toHaveLength(1);
  });

  it('ends where the remote peer is not there', () => {
    const { links, types } = makeCalling();
    links.handleExpiry('another');
    expect(types()).toEqual(['peer.error']);
    links.handleExpiry('remote');
    expect(types()).toEqual(['peer.error', 'peer.error', 'connection.error', 'connection.closed']);
  });

  it('goes on where it was answered before a message to the remote expired', () => {
    const { links, page } = makeCalling();
    links.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'mc_1' } });
    links.handleExpiry('remote');
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it('ends where the remote peer leaves', () => {
    const { links, types } = makeCalling();
    links.handleLeave('remote');
    expect(types()).toEqual(['connection.closed', 'peer.leave']);
  });

  it('repeats the offer that a lost socket may have swallowed, once', () => {
    const { links, sent, forgotten, signal } = makeCalling();
    signal('CANDIDATE');
    links.doubtOffers();
    expect(forgotten).toEqual(['mc_1']);
    for (let n = 0; n < 2; n++) links.repeatDoubtfulOffers();
    expect(sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE', 'OFFER', 'CANDIDATE']);
  });
});

describe('PeerLinks with relays only', () => {
  const relay = { urls: ['turn:relay.example'] };
  const stun = { urls: 'stun:stun.example' };
  const onlyRelays = { iceServers: [relay], iceTransportPolicy: 'relay' };
  const noRelay = expect.stringContaining('relays (TURN servers) only') as string;

  it('makes every connection so', async () => {
    const { links, peerConnections } = makeLinks({ relayedOnly: true }, { iceServers: [stun, relay] });
    links.connect(connectionCreate());
    links.handleOffer(offer({ type: 'data', serialization: 'json', connectionId: 'dc_r' }));
    expect(peerConnections.made.map(({ config }) => config)).toEqual([onlyRelays, onlyRelays]);
  });

  it('makes the leg of a call so, and leaves its local link alone', async () => {
    const { links, context } = makeLinks({ relayedOnly: true }, { iceServers: [stun, relay] });
    const connections = new FakeMediaConnections();
    vi.spyOn(context, 'mediaWays').mockReturnValue(forwardingWays(connections.create, noStandIns));
    links.call(callCreate());
    await settled();
    const ours = { bundlePolicy: 'max-bundle', encodedInsertableStreams: true };
    expect(connections.made.map(({ config }) => config)).toEqual([ours, { ...onlyRelays, ...ours }]);
  });

  it('says at once that there is no relay: to who connects, to who calls, to who is connected to', () => {
    const { links, page, peerConnections, sent } = makeLinks({ relayedOnly: true }, { iceServers: [stun] });
    links.connect(connectionCreate({ connectionKey: 1 }));
    links.call(callCreate({ connectionKey: 2 }));
    expect(page.ofType('connection.error')).toMatchObject(
      [1, 2].map((connectionKey) => ({ connectionKey, error: { type: 'negotiation-failed', message: noRelay } })),
    );
    expect(page.ofType('connection.closed')).toHaveLength(2);
    links.handleOffer(offer({ type: 'data', serialization: 'json', connectionId: 'dc_r' }));
    expect(page.ofType('peer.error').at(-1)).toMatchObject({ error: { type: 'webrtc', message: noRelay } });
    // What a call has made is its local link.
    expect(peerConnections.made.every(({ config }) => !config.iceServers)).toBe(true);
    expect(sent).toEqual([]);
  });

  it('ends a connection when no relay has given a candidate', async () => {
    const { links, page, peerConnections } = makeLinks({ relayedOnly: true }, { iceServers: [relay] });
    links.connect(connectionCreate());
    peerConnections.last.fireCandidate(null);
    expect(page.ofType('connection.error')).toMatchObject([
      { error: { type: 'negotiation-failed', message: expect.stringContaining('none could be used') as string } },
    ]);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('signals no candidate of another kind, whatever the browser finds', async () => {
    const { links, peerConnections, sent } = makeLinks({ relayedOnly: true }, { iceServers: [relay] });
    links.connect(connectionCreate());
    await settled();
    peerConnections.last.fireCandidate('candidate:1 1 udp 1 192.168.1.7 5 typ host');
    peerConnections.last.fireCandidate('candidate:2 1 udp 1 198.51.100.4 6 typ relay raddr 192.168.1.7 rport 5');
    expect(sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
    expect(JSON.stringify(sent)).not.toContain('192.168.1.7');
  });

  it('holds to what the user wants by the time of the answer, not of the call', async () => {
    const policy: Partial<Conditions> = {};
    const { links, page, made } = makeLinks(policy);
    links.handleOffer(offer());
    policy.relayedOnly = true;
    if ('answer' in made[0]! && 'call' in made[0]) made[0].answer(callAnswer({ route: 'direct' }));
    await settled();
    expect(page.ofType('call.route')).toMatchObject([{ route: 'hosted' }]);
    expect(page.ofType('connection.error')).toMatchObject([
      { error: { type: 'negotiation-failed', message: noRelay } },
    ]);
  });

  it('refuses the connections of the page’s own serializers, both ways, and says so once for each', () => {
    const { links, page, sent } = makeLinks({ relayedOnly: true });
    for (const type of ['OFFER', 'CANDIDATE', 'ANSWER', 'CANDIDATE']) {
      links.signal({ type, dst: 'remote', payload: { connectionId: 'dc_1' } });
    }
    links.handleOffer(offer({ type: 'data', serialization: 'mine', connectionId: 'dc_r' }));
    const refusal = {
      error: { type: 'webrtc', message: expect.stringContaining('serializers of the page') as string },
    };
    expect(page.ofType('peer.error')).toMatchObject([refusal, refusal, refusal]);
    expect(page.ofType('peer.signal')).toEqual([]);
    expect(sent).toEqual([]);
    links.signal({ type: 'CUSTOM', payload: 1 });
    expect(sent).toHaveLength(1);
  });
});

describe('PeerLinks with a serializer of the page’s own', () => {
  const theirs = () => offer({ type: 'data', serialization: 'mine', connectionId: 'dc_r' });
  const own = { dst: 'remote', payload: { connectionId: 'dc_1', label: 'chat' } };

  it('list its connections beside those of the host, until the page says that they are gone', async () => {
    const { links } = makeLinks();
    links.connect(connectionCreate({ connectionId: 'dc_0' }));
    links.signal({ type: 'OFFER', ...own });
    links.handleOffer(theirs());
    await settled();
    const ids = () => links.all.map(({ description: { connectionId } }) => connectionId);
    expect(ids()).toEqual(['dc_0', 'dc_1', 'dc_r']);
    links.handleGone({ type: 'peer.connectionGone', peerKey: 1, remotePeerId: 'remote', connectionId: 'dc_1' });
    expect(ids()).toEqual(['dc_0', 'dc_r']);
    links.closeAll();
    expect(ids()).toEqual([]);
  });

  it('pass on the candidates that came ahead, after the offer', () => {
    const { links, page } = makeLinks();
    links.handleCandidate(parked(1, 'remote', 'dc_r'));
    links.handleOffer(theirs());
    expect(page.ofType('peer.signal')).toMatchObject([
      { message: { type: 'OFFER' } },
      { message: { type: 'CANDIDATE', payload: { candidate: candidate(1) } } },
    ]);
  });

  it('send nothing more for one that is to close', () => {
    const { links, sent } = makeLinks();
    links.signal({ type: 'OFFER', ...own });
    links.all[0]!.close();
    links.signal({ type: 'CANDIDATE', ...own });
    links.handleOffer(offer({ type: 'data', serialization: 'mine', connectionId: 'dc_1' }));
    expect(sent.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('have them closed when the remote peer leaves, and drop them when it was not there', () => {
    const { links, page } = makeLinks();
    links.handleOffer(theirs());
    links.handleLeave('remote');
    expect(page.ofType('peer.closeConnection')).toMatchObject([{ connectionId: 'dc_r' }]);
    links.signal({ type: 'OFFER', ...own });
    links.handleExpiry('remote');
    expect(links.all.map(({ description: { connectionId } }) => connectionId)).toEqual(['dc_r']);
  });
});

describe('PeerLinks of a site that is allowed not everything', () => {
  const noData = { allows: { data: false, calls: true } };
  const noCalls = { allows: { data: true, calls: false } };
  const denied = [{ error: { type: 'permission-denied' } }];

  it('refuse the page a data connection, and tell nobody else', async () => {
    const { links, page, sent, types } = makeLinks(noData);
    links.connect(connectionCreate());
    await settled();
    expect(page.ofType('connection.error')).toMatchObject(denied);
    expect([types(), sent]).toEqual([['connection.error', 'connection.closed'], []]);
  });

  it('refuse the page a call', async () => {
    const { links, page, sent } = makeLinks(noCalls);
    links.call(callCreate());
    await settled();
    expect(page.ofType('connection.error')).toMatchObject(denied);
    expect(sent).toEqual([]);
  });

  it('answer no remote peer that wants what is not allowed', async () => {
    const data = offer({ type: 'data', serialization: 'binary', connectionId: 'dc_r' });
    const without = makeLinks(noData);
    without.links.handleOffer(data);
    without.links.handleOffer(offer({ type: 'data', serialization: 'mine', connectionId: 'dc_m' }));
    const silent = makeLinks(noCalls);
    silent.links.handleOffer(offer());
    await settled();
    expect([without.types(), without.sent, silent.types(), silent.sent]).toEqual([[], [], [], []]);
    silent.links.handleOffer(data);
    without.links.handleOffer(offer());
    expect([without.types(), silent.types()[0]]).toEqual([['call.incoming'], 'connection.incoming']);
  });

  it('pass on nothing that the page signals by itself about it, and say so once', () => {
    const { links, page, sent } = makeLinks(noData);
    for (const type of ['OFFER', 'CANDIDATE', 'CANDIDATE']) {
      links.signal({ type, dst: 'remote', payload: { type: 'data', connectionId: 'dc_1' } });
    }
    expect(sent).toEqual([]);
    expect(page.ofType('peer.error')).toMatchObject(denied);
  });
});

describe('PeerLinks without a page', () => {
  const data = (connectionId: string, payload: Partial<Offer['payload']> = {}) =>
    offer({ type: 'data', serialization: 'json', connectionId, ...payload });

  it('end the calls and keep the data connections', async () => {
    const { links, types } = makeLinks();
    links.connect(connectionCreate({ connectionKey: 1 }));
    links.call(callCreate({ connectionKey: 2, route: 'direct' }));
    links.handleOffer(offer());
    await settled();
    links.hold();
    expect(links.all.map(({ description }) => description.connectionId)).toEqual(['dc_1']);
    expect(types().filter((type) => type === 'connection.closed')).toHaveLength(2);
  });

  it('answer who wants a data connection, and hold it', async () => {
    const { former, next, peerConnections } = makeReload();
    former.links.handleOffer(data('dc_r', { label: 'chat', metadata: 1, reliable: true }));
    await settled();
    expect(former.sent).toMatchObject([{ type: 'ANSWER', dst: 'remote' }]);
    const channel = peerConnections.last.fireChannel();
    channel.open();
    channel.receive('"early"');
    next.links.takeOver();
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

  it('have a call wait for the next page, with its candidates', () => {
    const { former, next } = makeReload();
    former.links.handleCandidate(parked(1));
    former.links.handleOffer(offer());
    former.links.handleCandidate(parked(2));
    next.links.takeOver();
    expect(next.page.ofType('call.incoming')).toMatchObject([{ connectionId: 'mc_r', remotePeerId: 'remote' }]);
    const [call] = next.made;
    if ('answer' in call! && 'call' in call) call.answer(callAnswer({ route: 'direct' }));
    const signals = next.page.ofType('call.signal') as unknown as { message: SignalMessage }[];
    expect(signals.map(({ message }) => message.payload.candidate)).toEqual([1, 2].map(candidate));
  });

  it('have an offer for a serializer of the page wait, with its candidates', () => {
    const { former, next } = makeReload();
    former.links.handleOffer(data('dc_m', { serialization: 'mine' }));
    former.links.handleCandidate(parked(1, 'remote', 'dc_m'));
    next.links.takeOver();
    expect(next.page.ofType('peer.signal')).toMatchObject([
      { message: { type: 'OFFER' } },
      { message: { type: 'CANDIDATE', payload: { candidate: candidate(1) } } },
    ]);
  });

  it('have sixteen such offers wait, and no more', () => {
    const { former, next } = makeReload();
    for (let n = 1; n <= 17; n++) former.links.handleOffer(offer({ connectionId: `mc_${n}` }));
    next.links.takeOver();
    expect(
      next.page
        .ofType('call.incoming')
        .map(({ connectionId }) => connectionId)
        .at(-1),
    ).toBe('mc_16');
  });

  it('let no call wait whose caller has left', () => {
    const { former, next } = makeReload();
    former.links.handleOffer(offer());
    former.links.handleOffer(offer({}, 'another'));
    former.links.handleLeave('remote');
    next.links.takeOver();
    expect(next.page.ofType('call.incoming')).toMatchObject([{ remotePeerId: 'another' }]);
  });

  it('say of an offer that nobody can read nothing to the next page either', () => {
    const { former, next } = makeReload();
    former.links.handleOffer(data('dc_x', { serialization: 'unheard of' }));
    next.links.takeOver();
    expect([next.types(), next.sent]).toEqual([[], []]);
  });

  it('have nothing wait that the user does not allow', () => {
    const { former, next } = makeReload({ allows: { data: true, calls: false } });
    former.links.handleOffer(offer());
    next.links.takeOver();
    expect(next.types()).toEqual([]);
  });

  it('let an offer for a connection that exists replace it', async () => {
    const { former, next } = makeReload();
    former.links.handleOffer(data('dc_r'));
    former.links.handleOffer(data('dc_r'));
    await settled();
    next.links.takeOver();
    expect(next.page.ofType('connection.incoming')).toHaveLength(1);
  });

  it.each<[string, (links: PeerLinks) => void]>([
    ['the remote peer leaves', (links) => links.handleLeave('remote')],
    ['the server gives up on its offer', (links) => links.handleExpiry('remote')],
  ])('end a connection when %s', async (_, end) => {
    const { former, next } = makeReload({}, ({ links }) => links.connect(connectionCreate()));
    await settled();
    end(former.links);
    next.links.takeOver();
    expect([former.links.all, next.links.all, next.types()]).toEqual([[], [], []]);
  });
});

describe('PeerLinks that take over', () => {
  it('have what the former page had, which has nothing', async () => {
    const { former, next } = makeReload({}, ({ links }) => {
      links.connect(connectionCreate());
      links.handleOffer(offer({ type: 'data', serialization: 'json', connectionId: 'dc_r' }));
    });
    await settled();
    const { all } = former.links;
    next.links.takeOver();
    expect([former.links.all, next.links.all, next.made]).toEqual([[], all, all]);
    former.links.closeAll();
    expect(former.peerConnections.made.map(({ signalingState }) => signalingState)).not.toContain('closed');
    next.links.closeAll();
    expect(former.context.quotas.join(siteDocument().site)).toMatchObject({ connections: 0, heldBytes: 0 });
  });

  it('hear the answer and the candidates for what the former page had begun', async () => {
    const { former, next, peerConnections } = makeReload({}, ({ links }) => links.connect(connectionCreate()));
    await settled();
    // The server may deliver what it held before it says that the Peer is registered.
    next.links.handleCandidate(parked(1, 'remote', 'dc_1'));
    next.links.takeOver();
    next.links.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'dc_1' } });
    await settled();
    next.links.handleCandidate(parked(2, 'remote', 'dc_1'));
    await settled();
    expect(peerConnections.last.candidates).toEqual([1, 2].map(candidate));
    expect(former.sent).toHaveLength(1);
  });

  it('repeat an offer that is out with its candidates, by their own socket', async () => {
    const { former, next, peerConnections } = makeReload({}, ({ links }) => links.connect(connectionCreate()));
    await settled();
    peerConnections.last.fireCandidate('candidate:1');
    next.links.takeOver();
    next.links.repeatDoubtfulOffers();
    expect(former.sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
    expect(next.sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
  });

  it('tell their Peer of native failures', async () => {
    const { former, next, peerConnections } = makeReload({}, ({ links }) => links.connect(connectionCreate()));
    await settled();
    next.links.takeOver();
    peerConnections.last.failures.set('setRemoteDescription', new Error('bad'));
    next.links.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'dc_1' } });
    await settled();
    expect([former, next].map(({ page }) => page.ofType('peer.error').length)).toEqual([0, 1]);
  });

  it('give the page a new connection where what it had is out of reach', async () => {
    const { next, peerConnections } = makeReload({}, ({ links }) => links.connect(connectionCreate()));
    await settled();
    peerConnections.last.channel.open();
    peerConnections.last.iceConnectionState = 'disconnected';
    next.links.takeOver();
    next.links.connect(connectionCreate({ connectionKey: 2, connectionId: 'dc_2', label: 'dc_2' }));
    expect(peerConnections.made).toHaveLength(2);
  });

  it('refuse metadata that is no JSON before they look for a connection', () => {
    const { next } = makeReload({}, ({ links }) => links.connect(connectionCreate()));
    next.links.connect(connectionCreate({ connectionKey: 2, metadata: '{' }));
    expect(next.types()).toEqual(['connection.error', 'connection.closed']);
  });
});

const raw = { type: 'data', serialization: 'raw' } as const;
const dataOffer = (n: number, src = 'remote') => offer({ ...raw, connectionId: `dc_${n}` }, src);

describe('PeerLinks of a site that many want to connect to', () => {
  it('answers so many offers of one remote peer at a time, and the next when one is established', async () => {
    const { links, page, peerConnections } = makeLinks();
    for (let n = 0; n < 20; n++) links.handleOffer(dataOffer(n));
    links.handleCandidate(parked(7, 'remote', 'dc_16'));
    expect([peerConnections.made.length, page.ofType('connection.incoming').length]).toEqual([16, 16]);
    await settled();
    peerConnections.made[0]!.fireChannel().open();
    expect(page.ofType('connection.incoming').slice(16)).toMatchObject([{ connectionId: 'dc_16' }]);
    await settled();
    expect(peerConnections.last.candidates).toEqual([candidate(7)]);
  });

  it('ends what is not established in time, and makes nothing of offers that are as old', async () => {
    const { links, page, peerConnections, quota } = makeLinks();
    for (let n = 0; n < 520; n++) links.handleOffer(dataOffer(n));
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
    const { links, page } = makeLinks();
    for (let n = 0; n < 20; n++) links.handleOffer(dataOffer(n));
    links.handleLeave('remote');
    vi.advanceTimersByTime(30_000);
    expect(page.ofType('connection.incoming')).toHaveLength(16);
  });

  it('tells the page’s developer once a minute that offers are not answered, and no remote peer anything', () => {
    const { links, page, sent, quota } = makeLinks();
    quota.limits = { ...CONDITIONS.limits, connections: 0 };
    for (let n = 0; n < 50; n++) links.handleOffer(dataOffer(n));
    vi.advanceTimersByTime(60_000);
    links.handleOffer(dataOffer(51));
    expect(page.ofType('peer.warning')).toHaveLength(2);
    expect(page.ofType('peer.warning')[0]).toMatchObject({
      message: expect.stringMatching(/^An offer from a remote peer is not answered. This site has/) as string,
    });
    expect([page.received.length, sent]).toEqual([3, []]);
  });

  it('hands the offers that wait to the next page', async () => {
    const { former, next } = makeReload({}, ({ links }) => {
      for (let n = 0; n < 17; n++) links.handleOffer(dataOffer(n));
    });
    next.links.takeOver();
    vi.advanceTimersByTime(30_000);
    await settled();
    expect(former.page.ofType('connection.incoming')).toHaveLength(16);
    expect(next.page.ofType('connection.incoming').map(({ connectionId }) => connectionId)).toContain('dc_16');
  });

  it('closes a connection whose offer the browser cannot answer, and tells the page', async () => {
    const { links, types, peerConnections, quota } = makeLinks();
    links.handleOffer(dataOffer(1));
    peerConnections.last.failures.set('createAnswer', new Error('no'));
    await settled();
    expect(types().filter((type) => type !== 'connection.state')).toEqual([
      'connection.incoming',
      'peer.error',
      'connection.error',
      'connection.closed',
    ]);
    expect(peerConnections.last.signalingState).toBe('closed');
    expect(quota).toMatchObject({ connections: 0, peerConnections: 0 });
  });

  it('does not flood the page with errors of candidates', async () => {
    const { links, page, peerConnections } = makeLinks();
    for (let n = 0; n < 4; n++) links.handleOffer(dataOffer(n));
    await settled();
    for (const connection of peerConnections.made) connection.failures.set('addIceCandidate', new Error('no'));
    for (let n = 0; n < 400; n++) links.handleCandidate(parked(n, 'remote', `dc_${n % 4}`));
    await settled();
    expect(page.ofType('peer.error')).toHaveLength(16);
  });
});

describe('PeerLinks whose page connects', () => {
  it('ends a connection that is not established in time, and says so', async () => {
    const { links, page, peerConnections } = makeLinks();
    links.connect(connectionCreate());
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

  it('leaves one that is open as it is, whatever comes later', async () => {
    const { links, page, peerConnections } = makeLinks();
    links.connect(connectionCreate());
    await settled();
    peerConnections.last.channel.open();
    links.handleRegistered();
    vi.advanceTimersByTime(3_600_000);
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it('counts the time from when its offer goes out, also where it goes out again', async () => {
    const { links, page, socket } = makeLinks();
    socket.isRegistered = false;
    links.connect(connectionCreate());
    await settled();
    vi.advanceTimersByTime(3_600_000);
    links.handleRegistered();
    vi.advanceTimersByTime(20_000);
    // The socket is lost, and found again much later.
    links.doubtOffers();
    vi.advanceTimersByTime(3_600_000);
    links.handleRegistered();
    vi.advanceTimersByTime(29_999);
    expect(page.ofType('connection.closed')).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('ends one whose offer cannot be kept for the server, and says why', async () => {
    const { links, page, socket } = makeLinks();
    socket.refusal = 'Too much.';
    links.connect(connectionCreate());
    await settled();
    expect(page.ofType('connection.error')).toMatchObject([{ error: { type: 'limit-reached', message: 'Too much.' } }]);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('is told why what it sends by itself is not kept', () => {
    const { links, page, socket } = makeLinks();
    socket.refusal = 'Too much.';
    links.signal({ type: 'CUSTOM', payload: 'x' });
    const error = { type: 'limit-reached', message: 'Too much.' };
    expect(page.ofType('peer.error')).toEqual([{ type: 'peer.error', peerKey: 1, error }]);
  });

  it('repeats at once the offers that it takes over when the server has delivered everything', async () => {
    const { former, next } = makeReload({}, ({ links }) => {
      links.connect(connectionCreate({ serialization: 'raw' }));
    });
    await settled();
    former.links.doubtOffers();
    next.links.repeatDoubtfulOffers();
    next.links.takeOver();
    expect(next.sent).toMatchObject([{ type: 'OFFER', payload: { connectionId: 'dc_1' } }]);
  });
});

describe('PeerLinks where neither data connections nor calls are allowed', () => {
  it('keeps no candidate', () => {
    const { links, quota } = makeLinks({ allows: { data: false, calls: false } });
    links.handleCandidate(parked(1));
    expect(quota.heldBytes).toBe(0);
    const other = makeLinks({ allows: { data: false, calls: true } });
    other.links.handleCandidate(parked(1));
    expect(other.quota.heldBytes).toBeGreaterThan(0);
  });
});
