import { describe, expect, it } from 'vitest';
import { importSummary } from '../../../src/sites/import-summary';
import type { ImportSummary } from '../../../src/protocol/ui-messages';

const ORIGIN = 'https://chat.example';
const TOP = 'https://news.example';
const site = { origin: ORIGIN };
const embedded = { origin: ORIGIN, topOrigin: TOP };

type Records = Record<string, unknown>;

function notes(before: Records, after: Records, sites = [site]): ImportSummary['notes'] {
  return importSummary(before, after, sites).notes;
}

const policy = (policy: object): Records => ({ policy });
const settings = (settings: object): Records => ({ [`settings:${ORIGIN}`]: settings });
const grant = (decision: string, servers: string[] = []): Records => ({
  [`grant:${ORIGIN}`]: { decision, servers, decidedAt: 1 },
});
const book = (...ids: string[]): Records => ({
  [`identity:${ORIGIN}`]: { anonymous: ids.map((id) => ({ id, secret: '0'.repeat(32) })), named: [] },
});
const own = { host: 'peer.example', port: 9000, path: '/app/', secure: true, key: 'peerjs' };
const relay = { urls: ['turn:relay.example'], username: 'u', credential: 'c' };

describe('the summary of an import, for all sites', () => {
  it.each<[string, Records, Records, object[]]>([
    ['a looser default', policy({}), policy({ defaultDecision: 'allow' }), [{ what: 'allows-by-default', items: [] }]],
    ['the end of a block', policy({ defaultDecision: 'block' }), policy({}), [{ what: 'asks-by-default', items: [] }]],
    [
      'a PeerServer',
      policy({}),
      policy({ peerServer: own }),
      [{ what: 'peer-server', items: [{ text: 'https://peer.example:9000/app/' }] }],
    ],
    [
      'another key for the same PeerServer',
      policy({ peerServer: own }),
      policy({ peerServer: { ...own, key: 'other' } }),
      [{ what: 'peer-server', items: [{ text: 'https://peer.example:9000/app/' }] }],
    ],
    ['the loss of a PeerServer', policy({ peerServer: own }), policy({}), [{ what: 'public-peer-server', items: [] }]],
    [
      'new relays that replace those of pages',
      policy({ iceServers: [relay] }),
      policy({
        iceServers: [{ ...relay, urls: ['turn:relay.example', 'turn:new.example'] }],
        iceServersMode: 'replace',
      }),
      [
        { what: 'ice-servers', items: [{ text: 'turn:new.example' }] },
        { what: 'ice-servers-only', items: [] },
      ],
    ],
    [
      'the use of pages’ own servers again',
      policy({ iceServersMode: 'replace' }),
      policy({}),
      [{ what: 'page-ice-servers', items: [] }],
    ],
    ['the end of “relayed only”', policy({ relayedOnly: true }), policy({}), [{ what: 'addresses-shown', items: [] }]],
    ['IDs that are kept', policy({ keepId: false }), policy({}), [{ what: 'ids-kept', items: [] }]],
    [
      'connections that outlive their page',
      policy({}),
      policy({ keepConnections: true }),
      [{ what: 'connections-kept', items: [] }],
    ],
    [
      'higher limits',
      policy({}),
      policy({ limits: { peers: 33, connections: 1, queuedBytes: 1 } }),
      [{ what: 'limits-raised', items: [] }],
    ],
  ])('names %s', (_what, before, after, expected) => {
    expect(notes(before, after)).toEqual(expected);
  });

  it('does not mention stricter settings', () => {
    const strict = policy({
      defaultDecision: 'block',
      relayedOnly: true,
      limits: { peers: 1, connections: 1, queuedBytes: 1 },
    });
    expect(notes(policy({ defaultDecision: 'allow', keepConnections: true }), strict)).toEqual([]);
  });
});

describe('the summary of an import, for single sites', () => {
  it.each<[string, Records, Records, object[]]>([
    ['a site that is allowed', grant('block'), grant('allow'), [{ what: 'sites-allowed', items: [{ site }] }]],
    [
      'a site that is no longer blocked',
      grant('block'),
      grant('ask'),
      [{ what: 'sites-unblocked', items: [{ site }] }],
    ],
    [
      'servers in the local network',
      grant('allow', ['wss://10.0.0.5:9000']),
      grant('allow', ['wss://10.0.0.5:9000', 'ws://router', 'wss://10.0.0.6']),
      [{ what: 'private-servers', items: [{ site, text: 'ws://router, wss://10.0.0.6' }] }],
    ],
    [
      'a site that shows addresses again',
      { ...policy({ relayedOnly: true }), ...settings({}) },
      { ...policy({ relayedOnly: true }), ...settings({ relayedOnly: false }) },
      [{ what: 'sites-showing-addresses', items: [{ site }] }],
    ],
    [
      'a site that keeps IDs',
      settings({ keepId: false }),
      settings({ keepId: true }),
      [{ what: 'sites-keeping-ids', items: [{ site }] }],
    ],
    [
      'a site that keeps connections',
      settings({}),
      settings({ keepConnections: true }),
      [{ what: 'sites-keeping-connections', items: [{ site }] }],
    ],
    [
      'a site that may call again',
      settings({ calls: false }),
      settings({}),
      [{ what: 'sites-permitted-more', items: [{ site }] }],
    ],
    [
      'IDs that come and go',
      book('a', 'b'),
      book('b', 'c', 'd'),
      [
        { what: 'ids-brought', items: [{ site, text: '2' }] },
        { what: 'ids-replaced', items: [{ site, text: '1' }] },
      ],
    ],
  ])('names %s', (_what, before, after, expected) => {
    expect(notes(before, after)).toEqual(expected);
  });

  it('does not name a site for a change that the policy makes for all', () => {
    const before = { ...policy({ relayedOnly: true }), ...settings({ calls: true }) };
    expect(notes(before, { ...before, ...policy({}) })).toEqual([{ what: 'addresses-shown', items: [] }]);
  });

  it('treats an embedded site as another site with its origin’s settings', () => {
    const before = {
      [`grant:${ORIGIN} ${TOP}`]: { decision: 'block', servers: [], decidedAt: 1 },
      ...settings({ data: false }),
    };
    const after = { [`grant:${ORIGIN} ${TOP}`]: { decision: 'allow', servers: [], decidedAt: 1 }, ...settings({}) };
    expect(importSummary(before, after, [site, embedded])).toEqual({
      changedSites: 2,
      notes: [
        { what: 'sites-allowed', items: [{ site: embedded }] },
        { what: 'sites-permitted-more', items: [{ site }] },
      ],
    });
  });

  it('counts all changed sites, looser or stricter', () => {
    expect(importSummary(grant('allow'), grant('block'), [site])).toEqual({ changedSites: 1, notes: [] });
    expect(importSummary(grant('allow'), grant('allow'), [site])).toEqual({ changedSites: 0, notes: [] });
  });
});
