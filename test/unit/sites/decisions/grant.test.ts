import { describe, expect, it } from 'vitest';
import { decide, decided, parseGrant, type Grant, type Standing } from '../../../../src/sites/decisions/grant';
import { siteDocument } from '../../../support/fakes/site-documents';

const { site } = siteDocument();
const publicServer = { origin: 'wss://0.peerjs.com', label: '0.peerjs.com', isPrivate: false, isEncrypted: true };
const privateServer = {
  origin: 'ws://192.168.1.20:9000',
  label: '192.168.1.20:9000',
  isPrivate: true,
  isEncrypted: false,
};

function makeGrant(grant: Partial<Grant> = {}): Grant {
  return { decision: 'allow', servers: [], decidedAt: 1, ...grant };
}

function makeStanding(standing: Partial<Standing> = {}): Standing {
  return {
    managed: undefined,
    grant: undefined,
    isBlockedEverywhere: false,
    onceServers: undefined,
    defaultDecision: 'ask',
    ...standing,
  };
}

describe('decide', () => {
  it('asks about an unknown site', () => {
    expect(decide(makeStanding(), site, publicServer)).toBe('ask');
  });

  it('follows a lasting decision', () => {
    expect(decide(makeStanding({ grant: makeGrant() }), site, publicServer)).toBe('allow');
    expect(decide(makeStanding({ grant: makeGrant({ decision: 'block' }) }), site, publicServer)).toBe('block');
  });

  it('follows a permission for this time', () => {
    expect(decide(makeStanding({ onceServers: [] }), site, publicServer)).toBe('allow');
  });

  it('lets a permission for this time override a block, because the user gave it in this tab', () => {
    const standing = makeStanding({ grant: makeGrant({ decision: 'block' }), onceServers: [] });
    expect(decide(standing, site, publicServer)).toBe('allow');
    expect(decide(makeStanding({ isBlockedEverywhere: true, onceServers: [] }), site, publicServer)).toBe('allow');
  });

  it('follows the default without a decision, and an explicit “ask” over the default', () => {
    expect(decide(makeStanding({ defaultDecision: 'allow' }), site, publicServer)).toBe('allow');
    expect(decide(makeStanding({ defaultDecision: 'block' }), site, publicServer)).toBe('block');
    const asking = makeStanding({ defaultDecision: 'allow', grant: makeGrant({ decision: 'ask' }) });
    expect(decide(asking, site, publicServer)).toBe('ask');
  });

  it('lets a block of the origin itself override its permission as an embedded site', () => {
    const standing = makeStanding({ grant: makeGrant(), isBlockedEverywhere: true });
    expect(decide(standing, site, publicServer)).toBe('block');
  });

  it('lets an administrator override the user’s decisions', () => {
    const managed = { origin: site.origin, privateServers: [privateServer.origin], settings: {} };
    const allowed = makeStanding({
      managed: { ...managed, decision: 'allow' },
      grant: makeGrant({ decision: 'block' }),
    });
    expect(decide(allowed, site, publicServer)).toBe('allow');
    expect(decide(allowed, site, privateServer)).toBe('allow');
    const blocked = makeStanding({ managed: { ...managed, decision: 'block' }, grant: makeGrant(), onceServers: [] });
    expect(decide(blocked, site, publicServer)).toBe('block');
  });

  it('asks about a private server even if sites are allowed by default', () => {
    expect(decide(makeStanding({ defaultDecision: 'allow' }), site, privateServer)).toBe('ask');
  });

  it('asks about a private server even for an allowed site', () => {
    expect(decide(makeStanding({ grant: makeGrant() }), site, privateServer)).toBe('ask');
  });

  it('does not ask again about a private server that was allowed in a prompt', () => {
    const grant = makeGrant({ servers: [privateServer.origin] });
    expect(decide(makeStanding({ grant }), site, privateServer)).toBe('allow');
    expect(decide(makeStanding({ grant: makeGrant(), onceServers: [privateServer.origin] }), site, privateServer)).toBe(
      'allow',
    );
  });

  it('asks about another port of an allowed private server', () => {
    const grant = makeGrant({ servers: ['ws://192.168.1.20:1'] });
    expect(decide(makeStanding({ grant }), site, privateServer)).toBe('ask');
  });

  it('asks about the same private server with another scheme than the allowed one', () => {
    const encrypted = { ...privateServer, origin: 'wss://192.168.1.20:9000', isEncrypted: true };
    const allowed = (server: typeof privateServer) => makeStanding({ grant: makeGrant({ servers: [server.origin] }) });
    expect(decide(allowed(encrypted), site, privateServer)).toBe('ask');
    expect(decide(allowed(privateServer), site, encrypted)).toBe('ask');
    expect(decide(allowed(encrypted), site, encrypted)).toBe('allow');
  });

  it('lets pages of private addresses use private servers', () => {
    const local = siteDocument({ origin: 'http://localhost:8080' }).site;
    expect(decide(makeStanding({ grant: makeGrant() }), local, privateServer)).toBe('allow');
    expect(decide(makeStanding(), local, privateServer)).toBe('ask');
  });
});

describe('decided', () => {
  it('adds a private server to those allowed before', () => {
    const former = makeGrant({ servers: ['ws://localhost:1'] });
    expect(decided(former, 'allow', privateServer, 5)).toEqual({
      decision: 'allow',
      servers: ['ws://localhost:1', privateServer.origin],
      decidedAt: 5,
    });
  });

  it('does not store a public server', () => {
    expect(decided(undefined, 'allow', publicServer, 5).servers).toEqual([]);
  });

  it('forgets the servers of a blocked site', () => {
    expect(decided(makeGrant({ servers: ['ws://localhost:1'] }), 'block', publicServer, 5).servers).toEqual([]);
  });
});

describe('parseGrant', () => {
  it('reads a damaged record as no grant', () => {
    expect(parseGrant(undefined)).toBeUndefined();
    expect(parseGrant({ decision: 'maybe' })).toBeUndefined();
  });

  it('drops servers without a scheme from older records', () => {
    const record = { decision: 'allow', servers: ['10.0.0.5', 'localhost:9000', 'ws://10.0.0.5', 'wss://nas.lan', 7] };
    expect(parseGrant(record)).toMatchObject({ servers: ['ws://10.0.0.5', 'wss://nas.lan'] });
  });

  it('completes a record without servers', () => {
    expect(parseGrant({ decision: 'allow' })).toEqual({ decision: 'allow', servers: [], decidedAt: 0 });
  });
});
