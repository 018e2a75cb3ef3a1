// Compares Peerport with PeerJS as far as that needs no browser: names, kinds of members and defaults. test/e2e/conformance
// compares behaviour.
import * as reference from 'peerjs';
import '../support/fakes/page-globals';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { ConnectionErrorType, PeerErrorType } from '../../src/protocol/errors';
import { makeOpenPeer, makePage } from '../support/fakes/page';

const { window } = makePage();
const { util } = window.peerjs;

/** The members in PeerJS's API reference. */
const PUBLIC_METHODS = ['call', 'connect', 'destroy', 'disconnect', 'getConnection', 'listAllPeers', 'reconnect'];
const PUBLIC_GETTERS = ['connections', 'destroyed', 'disconnected', 'id', 'open', 'options'];

function methodsOf(prototype: object): string[] {
  const described = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  return described.flatMap(([name, member]) => (typeof member.value === 'function' ? [name] : []));
}

function gettersOf(prototype: object): string[] {
  const described = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  return described.flatMap(([name, member]) => ('get' in member ? [name] : []));
}

/** The prototype with the members, below that of `window.Peer`. */
const peerPrototype = Object.getPrototypeOf(window.Peer.prototype) as object;

describe('window.Peer', () => {
  it('is one of only two globals, the other being peerjs', () => {
    expect(Object.keys(window)).toEqual(['Peer', 'peerjs']);
    expect(Object.keys(window.peerjs)).toEqual(['Peer', 'util']);
    expect(window.peerjs.Peer).toBe(window.Peer);
  });

  it('can be replaced and deleted by the page', () => {
    for (const name of ['Peer', 'peerjs']) {
      expect(Object.getOwnPropertyDescriptor(window, name)).toMatchObject({ configurable: true, writable: true });
    }
  });

  it('is a class like PeerJS’s', () => {
    expect([window.Peer.name, window.Peer.length]).toEqual(['Peer', reference.Peer.length]);
    expect((window.Peer as unknown as { DEFAULT_KEY: string }).DEFAULT_KEY).toBe('peerjs');
    expect(() => (window.Peer as unknown as () => void)()).toThrow(TypeError);
    expect(new (class extends window.Peer {})()).toBeInstanceOf(window.Peer);
  });

  it.each(PUBLIC_METHODS)('has the method %s', (name) => {
    expect(methodsOf(reference.Peer.prototype)).toContain(name);
    expect(methodsOf(peerPrototype)).toContain(name);
  });

  it.each(PUBLIC_GETTERS)('has %s, which cannot be set', (name) => {
    expect(gettersOf(reference.Peer.prototype)).toContain(name);
    expect(gettersOf(peerPrototype)).toContain(name);
    expect(Object.getOwnPropertyDescriptor(peerPrototype, name)).toMatchObject({ set: undefined });
  });

  it('has the methods of PeerJS’s emitter', () => {
    const emitter = Object.getPrototypeOf(Object.getPrototypeOf(reference.Peer.prototype)) as object;
    const peer = new window.Peer() as unknown as Record<string, unknown>;
    for (const name of methodsOf(emitter).filter((name) => name !== 'constructor')) {
      expect(typeof peer[name], name).toBe('function');
    }
  });

  it('has PeerJS’s default options', () => {
    const options = new reference.Peer('reference-1').options as unknown as Record<string, unknown>;
    const own = new window.Peer('own-1').options as unknown as Record<string, unknown>;
    const comparable = ({ token: _, config: __, ...rest }: Record<string, unknown>): unknown => rest;
    expect(comparable(own)).toEqual(comparable(options));
    expect(own.token).toMatch(/^[0-9a-z]{8,13}$/);
    expect(own.config).toBe(util.defaultConfig);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a path without slashes', { path: 'app' }],
    ['a path with both', { path: '/app/' }],
    ['an empty path', { path: '' }],
    ['a host of its own', { host: 'localhost', port: 9000 }],
    ['the page’s host', { host: '/' }],
    ['the public server, insecure', { secure: false }],
    ['its own server, secure', { host: 'localhost', secure: true }],
    ['a port in text', { host: 'localhost', port: '9000' }],
    ['options unknown to both', { myOwn: 1 }],
    ['debug and key', { debug: 0, key: 'k' }],
  ])('resolves %s as PeerJS does', (_, given) => {
    const pick = ({ host, port, path, secure, key, debug, myOwn }: Record<string, unknown>): unknown => {
      return { host, port, path, secure, key, debug, myOwn };
    };
    const options = new reference.Peer('reference-2', given).options;
    const own = new window.Peer('own-2', given).options;
    expect(pick(own as Record<string, unknown>)).toEqual(pick(options as unknown as Record<string, unknown>));
  });

  it('throws TypeError for an object without a prototype, like PeerJS', () => {
    expect(() => new reference.Peer(Object.create(null) as never)).toThrow(TypeError);
    expect(() => new window.Peer(Object.create(null))).toThrow(TypeError);
  });
});

describe('util', () => {
  it('has every member of PeerJS’s', () => {
    const names = new Set([
      ...Object.keys(reference.util),
      ...methodsOf(Object.getPrototypeOf(reference.util) as object),
    ]);
    const shown = [...names].filter((name) => !name.startsWith('_'));
    for (const name of shown) expect(name in util, name).toBe(true);
  });

  it.each(['CLOUD_HOST', 'CLOUD_PORT', 'chunkedMTU', 'chunkedBrowsers', 'defaultConfig'] as const)(
    'has its %s',
    (name) => {
      const expected = (reference.util as unknown as Record<string, unknown>)[name];
      expect(util[name]).toEqual(expected);
    },
  );

  it('reports the same browser support as PeerJS', () => {
    expect(Object.keys(util.supports).sort()).toEqual(Object.keys(reference.util.supports).sort());
  });

  it.each([undefined, null, '', 'a', 'a b', 'a_b-c', '-a', 'a-', 'a--b', 'a.b', 'ü', 'a\n', 0, 42])(
    'judges the ID %j as PeerJS does',
    (id) => {
      expect(util.validateId(id)).toBe(reference.util.validateId(id as string));
    },
  );

  it.each([0, 1, 16_299, 16_300, 16_301, 40_000])('splits %d bytes into chunks like PeerJS', (length) => {
    const bytes = new Uint8Array(length).map((_, index) => index & 0xff).buffer;
    const withoutId = (pieces: object[]): object[] => pieces.map((piece) => ({ ...piece, __peerData: 0 }));
    const expected = reference.util.chunk(bytes) as unknown as { data: ArrayBuffer }[];
    expect(withoutId(util.chunk(bytes))).toEqual(withoutId(expected));
    expect(Object.keys(util.chunk(new ArrayBuffer(1))[0]!)).toEqual(['__peerData', 'n', 'data', 'total']);
  });

  it('numbers the messages that it splits', () => {
    const [first, second] = [util.chunk(new ArrayBuffer(1)), util.chunk(new ArrayBuffer(1))];
    expect(first[0]!.__peerData).toBeGreaterThanOrEqual(1);
    expect(second[0]!.__peerData).toBe(first[0]!.__peerData + 1);
  });

  it('converts a binary string to a buffer like PeerJS', () => {
    const text = 'aÿĀ\u1234';
    expect(util.binaryStringToArrayBuffer(text)).toEqual(reference.util.binaryStringToArrayBuffer(text));
  });
});

describe('connections', () => {
  it('have the fields of PeerJS’s connections', async () => {
    const { peer } = await makeOpenPeer();
    const connection = peer.connect('remote')! as unknown as Record<string, unknown>;
    const names = ['peer', 'provider', 'options', 'label', 'metadata', 'connectionId', 'reliable', 'serialization'];
    const live = ['open', 'type', 'bufferSize', 'dataChannel', 'peerConnection', 'send', 'close'];
    for (const name of [...names, ...live]) expect(name in connection, name).toBe(true);
  });
});

describe('error types', () => {
  it('are PeerJS’s and Peerport’s limit-reached and permission-denied', () => {
    // PeerJS never emits `ssl-unavailable`.
    type Reference = Exclude<`${reference.PeerErrorType}`, 'ssl-unavailable'>;
    expectTypeOf<PeerErrorType>().toEqualTypeOf<Reference | 'limit-reached' | 'permission-denied'>();
    type ConnectionReference = `${reference.BaseConnectionErrorType}` | `${reference.DataConnectionErrorType}`;
    expectTypeOf<ConnectionErrorType>().toEqualTypeOf<
      ConnectionReference | 'peer-unavailable' | 'limit-reached' | 'permission-denied'
    >();
  });
});
