import { describe, expect, it } from 'vitest';
import { connectionConfiguration } from '../../../../src/engine/policy/ice-policy';

const PAGES = { urls: 'stun:page.example' };
const PAGES_RELAY = { urls: ['turn:page.example', 'stun:page.example'], username: 'page', credential: 'p' };
const OWN = { urls: ['stun:own.example'] };
const OWN_RELAY = { urls: ['turns:own.example?transport=tcp'], username: 'me', credential: 'secret' };

describe('connectionConfiguration', () => {
  it.each([{}, { iceServers: [PAGES], bundlePolicy: 'max-bundle' }, { iceServers: null }])(
    'leaves %j as it is where the user has set nothing',
    (page) => {
      expect(connectionConfiguration(page, {})).toEqual(page);
    },
  );

  it.each([
    [undefined, undefined],
    [0, 0],
    [10, 10],
    [11, 10],
    [255, 10],
    ['200', 10],
    [256, 256],
    ['nonsense', 'nonsense'],
  ])('gathers %j candidates in advance as %j: ten at most, unless the browser refuses the number', (size, used) => {
    const { iceCandidatePoolSize } = connectionConfiguration({ iceCandidatePoolSize: size }, {});
    expect(iceCandidatePoolSize).toBe(used);
  });

  it('puts the user’s own servers before those of the page', () => {
    const page = { iceServers: [PAGES], bundlePolicy: 'max-bundle' };
    const config = connectionConfiguration(page, { iceServers: [OWN, OWN_RELAY] });
    expect(config).toEqual({ iceServers: [OWN, OWN_RELAY, PAGES], bundlePolicy: 'max-bundle' });
  });

  it.each([undefined, null, []])('uses only the user’s own servers if the page names %j', (iceServers) => {
    expect(connectionConfiguration({ iceServers }, { iceServers: [OWN] })).toEqual({ iceServers: [OWN] });
  });

  it('replaces the page’s servers with the user’s own, whatever the page names', () => {
    for (const iceServers of [[PAGES, PAGES_RELAY], 'nonsense']) {
      const config = connectionConfiguration({ iceServers }, { iceServers: [OWN], iceServersMode: 'replace' });
      expect(config).toEqual({ iceServers: [OWN] });
    }
  });

  it('does not replace the page’s servers if the user has none', () => {
    const page = { iceServers: [PAGES] };
    expect(connectionConfiguration(page, { iceServers: [], iceServersMode: 'replace' })).toEqual(page);
  });

  it.each(['x', 7, {}, new Set([PAGES])])('refuses %j as a list of servers', (iceServers) => {
    expect(() => connectionConfiguration({ iceServers }, { iceServers: [OWN] })).toThrow(TypeError);
    expect(() => connectionConfiguration({ iceServers }, { relayedOnly: true })).toThrow(TypeError);
  });
});

describe('connectionConfiguration with relays only', () => {
  it('keeps only relays, of user or page, whatever the page’s policy', () => {
    const page = { iceServers: [PAGES, PAGES_RELAY], iceTransportPolicy: 'all' };
    expect(connectionConfiguration(page, { relayedOnly: true, iceServers: [OWN, OWN_RELAY] })).toEqual({
      iceTransportPolicy: 'relay',
      iceServers: [OWN_RELAY, { ...PAGES_RELAY, urls: ['turn:page.example'] }],
    });
  });

  it.each([undefined, [], [PAGES], [OWN, null, 'turn:a', {}, { urls: 7 }, { urls: [['turn:a']] }]])(
    'throws at once where %j names no relay',
    (iceServers) => {
      expect(() => connectionConfiguration({ iceServers }, { relayedOnly: true })).toThrow(
        /relays \(TURN servers\) only/,
      );
    },
  );

  it('throws if the user’s own servers replace the only relay', () => {
    const policy = { relayedOnly: true, iceServers: [OWN], iceServersMode: 'replace' as const };
    expect(() => connectionConfiguration({ iceServers: [PAGES_RELAY] }, policy)).toThrow(/relays/);
  });
});
