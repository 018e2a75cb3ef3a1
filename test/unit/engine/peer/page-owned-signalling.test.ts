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
  /** Those that count, as the badge counts them. */
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
  it('knows connections by their offers, of either side', () => {
    const { signalling, send, receiveOffer } = makeSignalling();
    expect([send('OFFER'), receiveOffer()]).toEqual([true, true]);
    expect(signalling.all.map(({ description }) => description)).toEqual([
      { connectionKey: -1, remotePeerId: 'remote', connectionId: 'dc_1', label: 'chat' },
      { connectionKey: -2, remotePeerId: 'remote', connectionId: 'dc_r', label: 'theirs' },
    ]);
  });

  it('says that they are answered when they are, and no more', () => {
    const { send, receiveOffer, pass, states } = makeSignalling();
    send('OFFER');
    receiveOffer();
    expect(states()).toEqual(['connecting', 'connecting']);
    pass('ANSWER');
    expect(states()).toEqual(['answered', 'connecting']);
    send('ANSWER', 'dc_r');
    expect(states()).toEqual(['answered', 'answered']);
  });

  it('passes on what is for them, and leaves the rest', () => {
    const { page, send, receiveOffer, pass } = makeSignalling();
    send('OFFER');
    receiveOffer();
    expect([pass('ANSWER'), pass('CANDIDATE', 'dc_r'), pass('CANDIDATE', 'dc_2')]).toEqual([true, true, false]);
    const passed = page.ofType('peer.signal') as unknown as { message: { type: string } }[];
    expect(passed.map(({ message }) => message.type)).toEqual(['OFFER', 'ANSWER', 'CANDIDATE']);
  });

  it('lets the page say to the server what is about no connection', () => {
    const { signalling, send } = makeSignalling();
    expect([send('CANDIDATE'), signalling.recordOutgoing({ type: 'CUSTOM', payload: 1 })]).toEqual([true, true]);
    expect(signalling.all).toEqual([]);
  });

  it('counts them against the origin’s limit until the page says that they are gone', () => {
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

  it('refuses those beyond the limit, and tells the page of its own', () => {
    const { page, quota, send, receiveOffer } = makeSignalling(1);
    send('OFFER');
    expect([send('OFFER', 'dc_2'), receiveOffer()]).toEqual([false, false]);
    expect(page.ofType('peer.error')).toMatchObject([{ error: { type: 'limit-reached' } }]);
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_2')]);
    expect(page.ofType('peer.signal')).toEqual([]);
    expect(quota.connections).toBe(1);
  });

  it('keeps no names without end', () => {
    const { signalling, send } = makeSignalling(100);
    send('OFFER', 'x'.repeat(1025));
    send('OFFER', 'dc_1', { label: 'x'.repeat(1025) });
    expect(signalling.all.map(({ description: { label } }) => label)).toEqual([undefined]);
    for (let n = 0; n < 1100; n++) send('OFFER', `dc_${n}`);
    expect(signalling.all).toHaveLength(100);
  });

  it('asks the page to close one, passes nothing on for it, and lists it until the page has', () => {
    const { signalling, page, counted, send, receiveOffer, pass, states } = makeSignalling();
    send('OFFER');
    signalling.all[0]!.close();
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_1')]);
    expect([states(), counted.size]).toEqual([['closing'], 1]);
    expect([send('CANDIDATE'), send('OFFER'), receiveOffer('dc_1')]).toEqual([false, false, false]);
    // Nobody else's, all the same.
    expect([pass('ANSWER'), pass('CANDIDATE')]).toEqual([true, true]);
    expect(page.ofType('peer.signal')).toEqual([]);
    expect([send('OFFER', 'dc_2'), states()]).toEqual([true, ['closing', 'connecting']]);
    signalling.handleGone('remote', 'dc_1');
    expect([states(), counted.size]).toEqual([['connecting'], 1]);
  });

  it('tells the page why, where the user does not allow it any more', () => {
    const { signalling, page, send } = makeSignalling();
    send('OFFER');
    signalling.all[0]!.fail('permission-denied', 'no');
    const error = { type: 'permission-denied', message: 'no' };
    expect(page.ofType('peer.error')).toEqual([{ type: 'peer.error', peerKey: 1, error }]);
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_1')]);
  });

  it('has the page close those to a peer that leaves', () => {
    const { signalling, page, send, states } = makeSignalling();
    send('OFFER');
    signalling.handleLeave('other');
    expect(states()).toEqual(['connecting']);
    signalling.handleLeave('remote');
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_1')]);
  });

  it('drops offers that nobody got, which pages never close', () => {
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

  // The page closes the object that it has, and makes another of the same name.
  it('keeps the connection of an offer that is repeated when the page has closed the first', () => {
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

describe('PageOwnedSignalling where nobody answers', () => {
  it('has the page close what it has offered, and tells it why', () => {
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

  it('has the page close what a remote peer has offered, without a word', () => {
    const { page, receiveOffer, place } = makeSignalling();
    receiveOffer();
    vi.advanceTimersByTime(30_000);
    expect(page.ofType('peer.closeConnection')).toEqual([asked('dc_r')]);
    expect(page.ofType('peer.error')).toEqual([]);
    expect(place.establish).not.toHaveBeenCalled();
  });

  it('waits for an answer as long as the offer itself waits for the server', () => {
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

  it('leaves what is answered as it is, and gives its place back', () => {
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

  it('gives back the places of offers that it does not pass on, and of connections that are gone', () => {
    const { signalling, receiveOffer, place } = makeSignalling(1);
    receiveOffer();
    receiveOffer('dc_2');
    expect(place.end).toHaveBeenCalledOnce();
    signalling.forgetAll();
    expect(place.end).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
