import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noPlaceholders } from '../../../support/fakes/encoded-end';
import { forwardingPaths } from '../../../../src/engine/calls/media-paths';
import type { Conditions } from '../../../../src/protocol/control-messages';
import { MAX_SITE_LIMITS } from '../../../../src/protocol/host-limits';
import { FakeMediaConnections } from '../../../support/fakes/media-connection';
import { callAnswer, callCreate, connectionCreate } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';
import { makeConnections, offer } from '../../../support/fakes/peer-connections';

// A hosted call waits some seconds for its page leg.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

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
    const most = MAX_SITE_LIMITS.connections / 2;
    for (let key = 1; key <= most + 1; key++) {
      connections.call(callCreate({ connectionKey: key, connectionId: `mc_${key}`, route: 'direct' }));
    }
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: most + 1 }]);
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
      error: { type: 'permission-denied', message: expect.stringContaining('with a custom serializer') as string },
    };
    expect(page.ofType('peer.error')).toMatchObject([refusal, refusal, refusal]);
    expect(page.ofType('peer.signal')).toEqual([]);
    expect(sent).toEqual([]);
    connections.signal({ type: 'CUSTOM', payload: 1 });
    expect(sent).toHaveLength(1);
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
