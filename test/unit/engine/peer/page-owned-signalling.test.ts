import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PageOutbox } from '../../../../src/engine/connection/page-outbox';
import type { PageOwnedConnection } from '../../../../src/engine/peer/page-owned-connection';
import { PageOwnedSignalling } from '../../../../src/engine/peer/page-owned-signalling';
import type { Offer } from '../../../../src/engine/signalling/server-messages';
import { endpointPair } from '../../../support/fakes/endpoint-pair';
import { CONDITIONS, hostedWorld } from '../../../support/fakes/hosted-world';
import { siteDocument } from '../../../support/fakes/site-documents';

function makeSignalling(limit = CONDITIONS.limits.connections) {
  const { clock, environment } = hostedWorld();
  const [host, page] = endpointPair();
  const outbox = new PageOutbox(clock, () => undefined);
  outbox.bind(host);
  const quota = environment.quotas.join(siteDocument().site);
  quota.limits = { ...CONDITIONS.limits, connections: limit };
  /** The connections that the badge counts. */
  const counted = new Set<PageOwnedConnection>();
  let lastKey = 0;
  const signalling = new PageOwnedSignalling({
    peerKey: 1,
    owner: {
      outbox,
      quota,
      conditions: () => CONDITIONS,
      nextConnectionKey: () => --lastKey,
      addPageOwnedConnection: (connection) => {
        counted.add(connection);
        connection.on('gone', () => counted.delete(connection));
      },
    },
  });
  const send = (type: string, connectionId = 'dc_1', more: object = {}): boolean =>
    signalling.recordOutgoing({ type, dst: 'remote', payload: { connectionId, label: 'chat', ...more } });
  const place = { establish: vi.fn(), end: vi.fn() };
  const receiveOffer = (connectionId = 'dc_r'): boolean => signalling.handleOffer(offer(connectionId), place);
  const pass = (type: 'ANSWER' | 'CANDIDATE', connectionId = 'dc_1'): boolean =>
    signalling.pass('remote', connectionId, { type, payload: { connectionId } });
  const states = () => signalling.all.map(({ state }) => state);
  return { signalling, page, quota, counted, send, receiveOffer, pass, states, place };
}

function offer(connectionId: string): Offer {
  const sdp = { type: 'offer' as const, sdp: '' };
  return { type: 'OFFER', src: 'remote', payload: { type: 'data', connectionId, label: 'theirs', sdp } };
}

const asked = (connectionId: string) => ({
  type: 'peer.closeConnection',
  peerKey: 1,
  remotePeerId: 'remote',
  connectionId,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('PageOwnedSignalling', () => {
  it('learns of connections by the offers of either side', () => {
    const { signalling, send, receiveOffer } = makeSignalling();
    expect([send('OFFER'), receiveOffer()]).toEqual([true, true]);
    expect(signalling.all.map(({ description }) => description)).toEqual([
      { connectionKey: -1, remotePeerId: 'remote', connectionId: 'dc_1', label: 'chat' },
      { connectionKey: -2, remotePeerId: 'remote', connectionId: 'dc_r', label: 'theirs' },
    ]);
  });

  it('marks a connection as answered only when it is', () => {
    const { send, receiveOffer, pass, states } = makeSignalling();
    send('OFFER');
    receiveOffer();
    expect(states()).toEqual(['connecting', 'connecting']);
    pass('ANSWER');
    expect(states()).toEqual(['answered', 'connecting']);
    send('ANSWER', 'dc_r');
    expect(states()).toEqual(['answered', 'answered']);
  });

  it('passes only the signals of page-owned connections', () => {
    const { page, send, receiveOffer, pass } = makeSignalling();
    send('OFFER');
    receiveOffer();
    expect([pass('ANSWER'), pass('CANDIDATE', 'dc_r'), pass('CANDIDATE', 'dc_2')]).toEqual([true, true, false]);
    const passed = page.ofType('peer.signal') as unknown as { message: { type: string } }[];
    expect(passed.map(({ message }) => message.type)).toEqual(['OFFER', 'ANSWER', 'CANDIDATE']);
  });

  it('lets the page send messages that belong to no connection', () => {
    const { signalling, send } = makeSignalling();
    expect([send('CANDIDATE'), signalling.recordOutgoing({ type: 'CUSTOM', payload: 1 })]).toEqual([true, true]);
    expect(signalling.all).toEqual([]);
  });

  it('counts connections against the limit until the page reports their end', () => {
    const { signalling, quota, counted, send, receiveOffer } = makeSignalling();
    send('OFFER');
    send('OFFER');
    receiveOffer();
    expect([quota.connections, counted.size]).toEqual([2, 2]);
    signalling.handleGone('remote', 'dc_1');
    signalling.handleGone('remote', 'dc_1');
    expect([quota.connections, counted.size]).toEqual([1, 1]);
    signalling.forgetAll();
    expect([quota.connections, counted.size]).toEqual([0, 0]);
  });

  it('refuses connections beyond the limit, and reports only the page’s own', () => {
    const { page, quota, send, receiveOffer } = makeSignalling(1);
    send('OFFER');
    expect([send('OFFER', 'dc_2'), receiveOffer()]).toEqual([false, false]);
    expect(page.ofType('peer.error')).toMatchObject([{ error: { type: 'limit-reached' } }]);
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_2')]);
    expect(page.ofType('peer.signal')).toEqual([]);
    expect(quota.connections).toBe(1);
  });

  it('does not track connections with overlong IDs', () => {
    const { signalling, send } = makeSignalling(100);
    send('OFFER', 'x'.repeat(1025));
    send('OFFER', 'dc_1', { label: 'x'.repeat(1025) });
    expect(signalling.all.map(({ description: { label } }) => label)).toEqual([undefined]);
    for (let n = 0; n < 1100; n++) send('OFFER', `dc_${n}`);
    expect(signalling.all).toHaveLength(100);
  });

  it('asks the page to close a connection, stops passing its signals, and lists it until the page has closed it', () => {
    const { signalling, page, counted, send, receiveOffer, pass, states } = makeSignalling();
    send('OFFER');
    signalling.all[0]!.close();
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_1')]);
    expect([states(), counted.size]).toEqual([['closing'], 1]);
    expect([send('CANDIDATE'), send('OFFER'), receiveOffer('dc_1')]).toEqual([false, false, false]);
    // Another peer's connection of the same ID stays.
    expect([pass('ANSWER'), pass('CANDIDATE')]).toEqual([true, true]);
    expect(page.ofType('peer.signal')).toEqual([]);
    expect([send('OFFER', 'dc_2'), states()]).toEqual([true, ['closing', 'connecting']]);
    signalling.handleGone('remote', 'dc_1');
    expect([states(), counted.size]).toEqual([['connecting'], 1]);
  });

  it('reports the reason when the user no longer allows a connection', () => {
    const { signalling, page, send } = makeSignalling();
    send('OFFER');
    signalling.all[0]!.fail('permission-denied', 'no');
    const error = { type: 'permission-denied', message: 'no' };
    expect(page.ofType('peer.error')).toEqual([{ type: 'peer.error', peerKey: 1, error }]);
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_1')]);
  });

  it('asks the page to close its connections to a peer that leaves', () => {
    const { signalling, page, send, states } = makeSignalling();
    send('OFFER');
    signalling.handleLeave('other');
    expect(states()).toEqual(['connecting']);
    signalling.handleLeave('remote');
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_1')]);
  });

  it('drops connections whose offer expired, because pages never close them', () => {
    const { signalling, quota, send, receiveOffer, pass } = makeSignalling();
    send('OFFER');
    pass('ANSWER');
    send('OFFER', 'dc_2');
    receiveOffer();
    signalling.handleExpiry('other');
    expect(quota.connections).toBe(3);
    signalling.handleExpiry('remote');
    expect(signalling.all.map(({ description }) => description.connectionId)).toEqual(['dc_1', 'dc_r']);
    expect(quota.connections).toBe(2);
  });

  // On a repeated offer the page closes its object and creates another of the same name.
  it('keeps the connection of a repeated offer when the page closes the first object', () => {
    const { signalling, page, quota, send, receiveOffer, states } = makeSignalling(1);
    receiveOffer();
    send('ANSWER', 'dc_r');
    expect([receiveOffer(), states()]).toEqual([true, ['connecting']]);
    signalling.handleGone('remote', 'dc_r');
    expect([states(), quota.connections]).toEqual([['connecting'], 1]);
    signalling.handleGone('remote', 'dc_r');
    expect([states(), quota.connections]).toEqual([[], 0]);
    expect(page.ofType('peer.signal')).toHaveLength(2);
  });
});

describe('PageOwnedSignalling without an answer', () => {
  it('asks the page to close a connection that it offered, and reports why', () => {
    const { signalling, page, send } = makeSignalling();
    signalling.handleRegistered();
    send('OFFER');
    vi.advanceTimersByTime(29_999);
    expect(page.ofType('peer.closeConnection')).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_1')]);
    expect(page.ofType('peer.error')).toMatchObject([
      { error: { type: 'webrtc', message: expect.stringContaining('did not answer') as string } },
    ]);
  });

  it('asks the page to close a connection that a remote peer offered, without an error', () => {
    const { page, receiveOffer, place } = makeSignalling();
    receiveOffer();
    vi.advanceTimersByTime(30_000);
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_r')]);
    expect(page.ofType('peer.error')).toEqual([]);
    expect(place.establish).not.toHaveBeenCalled();
  });

  it('starts the deadline of an offer only when it can go out', () => {
    const { signalling, page, send } = makeSignalling();
    send('OFFER');
    vi.advanceTimersByTime(3_600_000);
    signalling.handleRegistered();
    vi.advanceTimersByTime(20_000);
    signalling.handleLoss();
    vi.advanceTimersByTime(3_600_000);
    signalling.handleRegistered();
    vi.advanceTimersByTime(29_999);
    expect(page.ofType('peer.closeConnection')).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_1')]);
  });

  it('leaves an answered connection alone, and frees its place', () => {
    const { signalling, page, send, receiveOffer, pass, place } = makeSignalling();
    signalling.handleRegistered();
    send('OFFER');
    pass('ANSWER');
    receiveOffer();
    send('ANSWER', 'dc_r');
    expect(place.establish).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(3_600_000);
    expect(page.ofType('peer.closeConnection')).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('frees the places of refused offers and of connections that are gone', () => {
    const { signalling, receiveOffer, place } = makeSignalling(1);
    receiveOffer();
    receiveOffer('dc_2');
    expect(place.end).toHaveBeenCalledOnce();
    signalling.forgetAll();
    expect(place.end).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
