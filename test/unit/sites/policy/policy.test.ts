import { describe, expect, it } from 'vitest';
import { siteRows } from '../../../../src/sites/site-table';
import { managedSite, parseManaged } from '../../../../src/sites/policy/managed-policy';
import { DEFAULT_POLICY, parsePolicy, PolicyBook, policyView } from '../../../../src/sites/policy/policy';
import { WriteQueue } from '../../../../src/sites/records/write-queue';
import { MAX_SITE_LIMITS } from '../../../../src/protocol/host-limits';
import schema from '../../../../extension/public/managed-schema.json';
import { MemoryStore } from '../../../support/fakes/memory-store';

const ORIGIN = 'https://chat.example';
const TOP = 'https://news.example';
const peerServer = { host: 'peers.example', port: 443, path: '/', secure: true, key: 'peerjs' };
const turn = { urls: ['turn:relay.example:3478?transport=tcp'], username: 'u', credential: 'c' };

function makeBook(records: Record<string, unknown> = {}, managed: unknown = {}) {
  const local = new MemoryStore(records);
  return { local, book: new PolicyBook(local, async () => parseManaged(managed), new WriteQueue()) };
}

describe('policy', () => {
  it('is the product’s default if nobody has changed it', async () => {
    expect(await makeBook().book.view()).toEqual({ policy: DEFAULT_POLICY, managed: [] });
  });

  it('is the browser’s default if nobody has changed it', () => {
    const defaults = { ...DEFAULT_POLICY, keepId: false };
    const rows = (policy: object) => siteRows({ policy, [`grant:${ORIGIN}`]: {} }, {}, defaults);
    expect(rows({})).toMatchObject([{ inEffect: { keepId: false } }]);
    expect(rows({ keepId: true })).toMatchObject([{ inEffect: { keepId: true } }]);
  });

  it('stores changes, and resets a member to its default by null', async () => {
    const { book, local } = makeBook();
    await book.change({
      peerServer,
      iceServers: [turn],
      iceServersMode: 'replace',
      relayedOnly: true,
      keepConnections: true,
    });
    await book.change({ peerServer: null, relayedOnly: null });
    expect(local.records).toEqual({ policy: { iceServers: [turn], iceServersMode: 'replace', keepConnections: true } });
    expect(await book.view()).toEqual({
      policy: { ...DEFAULT_POLICY, iceServers: [turn], iceServersMode: 'replace', keepConnections: true },
      managed: [],
    });
  });

  it.each([
    [{ defaultDecision: 'perhaps' }, 'defaultDecision'],
    [{ peerServer: { ...peerServer, port: 0 } }, 'peerServer.port'],
    [{ peerServer: { ...peerServer, host: 'a@10.0.0.1' } }, 'peerServer.host'],
    [{ peerServer: { ...peerServer, path: 'no-slash' } }, 'peerServer.path'],
    [{ peerServer: { ...peerServer, path: '/../' } }, 'peerServer.path'],
    [{ peerServer: { ...peerServer, key: 'a&b' } }, 'peerServer.key'],
    [{ peerServer: { ...peerServer, key: '..' } }, 'peerServer.key'],
    [{ iceServers: [{ urls: [] }] }, 'iceServers.0.urls'],
    [{ iceServers: [{ urls: ['javascript:alert(1)'] }] }, 'iceServers.0.urls.0'],
    [{ iceServers: [{ ...turn, credentials: 'x' }] }, 'iceServers.0.credentials'],
    [{ limits: { peers: 0, connections: 1, queuedBytes: 1 } }, 'limits.peers'],
    [{ limits: { peers: 1, connections: 1.5, queuedBytes: 1 } }, 'limits.connections'],
    [{ limits: { peers: 1, connections: 1 } }, 'limits.queuedBytes'],
    [{ limits: { ...MAX_SITE_LIMITS, peers: MAX_SITE_LIMITS.peers + 1 } }, 'limits.peers'],
    [{ limits: { ...MAX_SITE_LIMITS, connections: MAX_SITE_LIMITS.connections + 1 } }, 'limits.connections'],
    [{ limits: { ...MAX_SITE_LIMITS, queuedBytes: MAX_SITE_LIMITS.queuedBytes + 1 } }, 'limits.queuedBytes'],
    [{ relayedOnly: 'yes' }, 'relayedOnly'],
    [{ keepConnections: 'yes' }, 'keepConnections'],
    [{ keepId: 1 }, 'keepId'],
    [{ unknown: 1 }, 'unknown'],
    [{ constructor: 1 }, 'constructor'],
  ])('refuses the change %j and names its place', async (change, place) => {
    const { book, local } = makeBook();
    await expect(book.change(change as never)).rejects.toThrow(`${place}: `);
    expect(local.records).toEqual({});
  });

  it('reads a PeerServer as it reads a page’s', () => {
    const typed = { ...peerServer, host: 'Bücher.example', path: '/a b/' };
    expect(parsePolicy({ peerServer: typed })).toEqual({
      peerServer: { ...peerServer, host: 'xn--bcher-kva.example', path: '/a%20b/' },
    });
    expect(parseManaged({ peerServer: { ...peerServer, host: '@10.0.0.1' } }).policy).toEqual({});
  });

  it('ignores damaged members of the stored record one by one', () => {
    const stored = parsePolicy({ relayedOnly: true, limits: 7, iceServers: [{}], defaultDecision: null });
    expect(stored).toEqual({ relayedOnly: true });
    expect(parsePolicy('no record')).toEqual({});
  });
});

describe('policy limits', () => {
  it('are at most what the host can spare for one site, in the published schema too', () => {
    expect(parsePolicy({ limits: MAX_SITE_LIMITS })).toEqual({ limits: MAX_SITE_LIMITS });
    const bounds = Object.entries(schema.properties.limits.properties).map(([name, { maximum }]) => [name, maximum]);
    const formerly = { heldBytes: MAX_SITE_LIMITS.queuedBytes };
    expect(Object.fromEntries(bounds)).toEqual({ ...MAX_SITE_LIMITS, ...formerly });
  });
});

describe('managed policy', () => {
  it('overrides the user’s policy, and is listed as managed', () => {
    const managed = parseManaged({ relayedOnly: true, limits: { peers: 1, connections: 1, queuedBytes: 1 } });
    const { policy, managed: names } = policyView({ relayedOnly: false, defaultDecision: 'allow' }, managed);
    expect(policy).toMatchObject({ relayedOnly: true, defaultDecision: 'allow', limits: { peers: 1 } });
    expect(names).toEqual(['relayedOnly', 'limits']);
  });

  it('ignores members that violate the schema', () => {
    const sites = [
      { origin: 'no origin', decision: 'allow' },
      { origin: 'ftp://chat.example', decision: 'allow' },
      { decision: 'allow' },
      'https://chat.example',
      { origin: ORIGIN, decision: 'perhaps', calls: false },
      { origin: ORIGIN, topOrigin: 'no origin', decision: 'allow' },
    ];
    expect(parseManaged({ relayedOnly: 1, sites })).toEqual({
      policy: {},
      sites: [{ origin: ORIGIN, privateServers: [], settings: { calls: false } }],
    });
    expect(parseManaged({ sites: 'none' })).toEqual({ policy: {}, sites: [] });
  });

  it('reads an origin with a path after it', () => {
    const { sites } = parseManaged({ sites: [{ origin: 'https://CHAT.example:443/room?x', decision: 'block' }] });
    expect(sites).toMatchObject([{ origin: ORIGIN }]);
  });

  it('allows a private server with its scheme, or with both schemes if it names none', () => {
    const entries = ['WSS://Nas.lan:443', 'ws://nas.lan:9000/', 'nas.lan', '[::1]:9000', 'no server', ''];
    const { sites } = parseManaged({ sites: [{ origin: ORIGIN, privateServers: entries }] });
    expect(sites[0]!.privateServers).toEqual([
      'wss://nas.lan',
      'ws://nas.lan:9000',
      'wss://nas.lan',
      'ws://nas.lan',
      'wss://[::1]:9000',
      'ws://[::1]:9000',
    ]);
  });

  it('decides about the named site, and not about its frames in other pages', () => {
    const managed = parseManaged({ sites: [{ origin: ORIGIN, decision: 'allow', privateServers: ['10.0.0.5:9000'] }] });
    expect(managedSite(managed, { origin: ORIGIN })).toMatchObject({
      decision: 'allow',
      privateServers: ['wss://10.0.0.5:9000', 'ws://10.0.0.5:9000'],
    });
    expect(managedSite(managed, { origin: ORIGIN, topOrigin: TOP })).toBeUndefined();
    expect(managedSite(managed, { origin: TOP })).toBeUndefined();
  });

  it('applies a block everywhere, and the permission of an embedded site only in its page', () => {
    const blocked = parseManaged({ sites: [{ origin: ORIGIN, decision: 'block' }] });
    expect(managedSite(blocked, { origin: ORIGIN, topOrigin: TOP })).toMatchObject({ decision: 'block' });
    const pair = parseManaged({ sites: [{ origin: ORIGIN, topOrigin: TOP, decision: 'allow' }] });
    expect(managedSite(pair, { origin: ORIGIN, topOrigin: TOP })).toMatchObject({ decision: 'allow' });
    expect(managedSite(pair, { origin: ORIGIN })).toBeUndefined();
  });

  it('applies an entry about an embedded site only with the ancestors that it names', () => {
    const ancestors = ['https://widgets.example'];
    const pair = { origin: ORIGIN, topOrigin: TOP, decision: 'allow' };
    expect(managedSite(parseManaged({ sites: [pair] }), { origin: ORIGIN, ancestors, topOrigin: TOP })).toBeUndefined();
    const nested = parseManaged({ sites: [{ ...pair, ancestors }] });
    expect(managedSite(nested, { origin: ORIGIN, ancestors, topOrigin: TOP })).toMatchObject({ decision: 'allow' });
    expect(managedSite(nested, { origin: ORIGIN, topOrigin: TOP })).toBeUndefined();
    expect(parseManaged({ sites: [{ ...pair, ancestors: ['no origin'] }] }).sites).toEqual([]);
  });

  it('applies a managed default of “block” to every site without an entry', () => {
    const managed = parseManaged({ defaultDecision: 'block', sites: [{ origin: ORIGIN, decision: 'allow' }] });
    expect(managedSite(managed, { origin: ORIGIN })).toMatchObject({ decision: 'allow' });
    expect(managedSite(managed, { origin: TOP })).toMatchObject({ decision: 'block' });
    expect(managedSite(managed, { origin: ORIGIN, topOrigin: TOP })).toMatchObject({ decision: 'block' });
    expect(managedSite(parseManaged({ defaultDecision: 'allow' }), { origin: TOP })).toBeUndefined();
  });

  it('applies an origin’s settings wherever it is embedded', () => {
    const managed = parseManaged({ sites: [{ origin: ORIGIN, relayedOnly: true }] });
    const settings = { relayedOnly: true };
    expect(managedSite(managed, { origin: ORIGIN, topOrigin: TOP })).toMatchObject({ settings });
  });

  it('applies “relays only” to every site, whatever the user has set', () => {
    const relayedOnly = true;
    const managed = parseManaged({ relayedOnly, sites: [{ origin: TOP, relayedOnly: false }] });
    expect(managedSite(managed, { origin: ORIGIN })).toMatchObject({ settings: { relayedOnly } });
    expect(managedSite(managed, { origin: TOP })).toMatchObject({ settings: { relayedOnly: false } });
    const rows = siteRows({ [`settings:${ORIGIN}`]: { relayedOnly: false } }, { relayedOnly });
    expect(rows).toMatchObject([{ origin: ORIGIN, settings: { relayedOnly }, managedSettings: ['relayedOnly'] }]);
  });

  it('lets no site keep connections if an administrator forbids it, whatever the user has set', () => {
    const keepConnections = false;
    const managed = parseManaged({ keepConnections, sites: [{ origin: TOP, keepConnections: true }] });
    expect(managedSite(managed, { origin: ORIGIN })).toMatchObject({ settings: { keepConnections } });
    expect(managedSite(managed, { origin: TOP })).toMatchObject({ settings: { keepConnections: true } });
    const rows = siteRows({ [`settings:${ORIGIN}`]: { keepConnections: true } }, { keepConnections });
    expect(rows).toMatchObject([
      { origin: ORIGIN, settings: { keepConnections }, managedSettings: ['keepConnections'] },
    ]);
  });

  it('leaves the choice to the user if an administrator allows kept connections', () => {
    expect(managedSite(parseManaged({ keepConnections: true }), { origin: ORIGIN })).toBeUndefined();
  });

  it('keeps no site’s IDs if an administrator forbids it, whatever the user has set', () => {
    const keepId = false;
    const managed = parseManaged({ keepId, sites: [{ origin: TOP, keepId: true }] });
    expect(managedSite(managed, { origin: ORIGIN })).toMatchObject({ settings: { keepId } });
    expect(managedSite(managed, { origin: TOP })).toMatchObject({ settings: { keepId: true } });
    const rows = siteRows({ [`settings:${ORIGIN}`]: { keepId: true } }, { keepId });
    expect(rows).toMatchObject([{ origin: ORIGIN, inEffect: { keepId: false }, managedSettings: ['keepId'] }]);
    expect(managedSite(parseManaged({ keepId: true }), { origin: ORIGIN })).toBeUndefined();
  });

  it('reads a site’s setting under its former name', () => {
    const managed = parseManaged({ sites: [{ origin: ORIGIN, freshId: true }] });
    expect(managedSite(managed, { origin: ORIGIN })).toMatchObject({ settings: { keepId: false } });
  });

  it('lets every site use the administrator’s own PeerServer in the local network', () => {
    const own = { ...peerServer, host: '192.168.1.20', port: 9000 };
    const managed = parseManaged({ peerServer: own });
    expect(managedSite(managed, { origin: ORIGIN })).toMatchObject({ privateServers: ['wss://192.168.1.20:9000'] });
    expect(managedSite(parseManaged({ peerServer }), { origin: ORIGIN })).toBeUndefined();
  });
});
