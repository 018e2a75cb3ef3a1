import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CLOUD_SERVER,
  isSameServer,
  parseServerOptions,
  peerListUrl,
  serverLabel,
  serverOrigin,
  serverUrl,
  socketUrl,
  type ServerOptions,
} from '../../../src/protocol/peer-server';
import { seededRandom } from '../../support/random-values';

const own = { host: 'localhost', port: 9000, path: '/app/', key: 'k', secure: false };

function parse(options: Partial<ServerOptions>) {
  return parseServerOptions({ ...own, ...options });
}

/** The canonical value of one option, or the name of the option that was refused. */
function read<Name extends 'host' | 'port' | 'path' | 'key'>(name: Name, value: ServerOptions[Name], secure = false) {
  const parsed = parse({ [name]: value, secure });
  return 'server' in parsed ? parsed.server[name] : { problem: parsed.problem.option };
}

describe('the options that name a PeerServer', () => {
  it.each([
    ['peer.example', 'peer.example'],
    ['Peer.Example', 'peer.example'],
    ['peer.example.', 'peer.example.'],
    ['my_server.example', 'my_server.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['router', 'router'],
    ['10.0.0.5', '10.0.0.5'],
    ['10.5', '10.0.0.5'],
    ['0x7f.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['１２７.0.0.1', '127.0.0.1'],
    ['[::1]', '[::1]'],
    ['[2001:DB8:0:0::1]', '[2001:db8::1]'],
    ['[::ffff:10.0.0.5]', '[::ffff:a00:5]'],
  ])('take the host %s as %s', (host, canonical) => {
    expect(read('host', host)).toBe(canonical);
  });

  it.each([
    '',
    ' ',
    'a b',
    'peer.example\n',
    'pe\ter.example',
    'peer.example\u0000',
    'peer.example\u00a0',
    'trusted.example@10.0.0.1',
    'user:secret@10.0.0.1',
    ':@10.0.0.1',
    'https://peer.example',
    '//peer.example',
    'peer.example/',
    'peer.example:9000',
    'peer.example#',
    'peer.example?',
    'peer.example\\',
    'peer%2eexample',
    '::1',
    '[::1',
    '[::1]:9000',
    '[fe80::1%25eth0]',
    '[peer.example]',
    '1.2.3.4.5',
    '999.1.1.1',
    'a..example',
    '.example',
    '\u00ad',
    'verified. Press Always allow to join',
    "'verified.'!(press-always)",
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}example`,
    '\ud800',
  ])('refuse the host %j', (host) => {
    expect(read('host', host)).toEqual({ problem: 'host' });
  });

  it.each([
    [9000, 9000],
    ['9000', 9000],
    ['009000', 9000],
    [1, 1],
    [65535, 65535],
    ['', 80],
  ])('take the port %j as %d', (port, canonical) => {
    expect(read('port', port)).toBe(canonical);
  });

  it('take an empty port as the default port of wss', () => {
    expect(read('port', '', true)).toBe(443);
  });

  it.each([0, 65536, -1, 1.5, NaN, '0', '65536', '80@10.0.0.1', '80/', ' 80', '80 ', '8\t0', '+80', '0x50', '８０'])(
    'refuse the port %j',
    (port) => {
      expect(read('port', port)).toEqual({ problem: 'port' });
    },
  );

  it('refuse an undefined port', () => {
    expect(read('port', 'undefined')).toEqual({ problem: 'port' });
  });

  it.each([
    ['/', '/'],
    ['/app/', '/app/'],
    ['/a/b-c_d.e~f/', '/a/b-c_d.e~f/'],
    ['//', '//'],
    ['/a b/', '/a%20b/'],
    ['/bücher/', '/b%C3%BCcher/'],
    ['/a%2Fb/', '/a%2Fb/'],
    ['/100%/', '/100%/'],
    ['/.hidden/', '/.hidden/'],
    ['/.../', '/.../'],
    ['/a@b:c;d=e/', '/a@b:c;d=e/'],
  ])('take the path %s as %s', (path, canonical) => {
    expect(read('path', path)).toBe(canonical);
  });

  it.each([
    '',
    'app/',
    '/app',
    '/../',
    '/a/../',
    '/./',
    '/a/.%2e/',
    '/%2E%2e/b/',
    '/%2e/',
    '/a?/',
    '/a#/',
    '/a\\b/',
    '/a\nb/',
    '/\u0000/',
    '/\u007f/',
    `/${'a'.repeat(2048)}/`,
    `/${'ü'.repeat(500)}/`,
  ])('refuse the path %j', (path) => {
    expect(read('path', path)).toEqual({ problem: 'path' });
  });

  it.each(['peerjs', 'lwjd5qra8257b9', '4f9a-_.~', '...', 'a:b@c!d$e(f)*g+h,i;j=k'])('take the key %s', (key) => {
    expect(read('key', key)).toBe(key);
  });

  it.each([
    '',
    '.',
    '..',
    'a/b',
    '../../any.json#',
    '@127.0.0.1:9222/json#',
    'a?b',
    'a&b',
    'a%2fb',
    'a b',
    'a\\b',
    'ü',
  ])('refuse the key %j', (key) => {
    expect(read('key', key)).toEqual({ problem: 'key' });
  });

  it('refuse a key that is too long', () => {
    expect(read('key', 'k'.repeat(256))).toHaveLength(256);
    expect(read('key', 'k'.repeat(257))).toEqual({ problem: 'key' });
  });

  it('name the option that is wrong in the error', () => {
    for (const option of ['host', 'port', 'path', 'key'] as const) {
      const parsed = parse({ [option]: '#' });
      expect(parsed).toMatchObject({ problem: { option, message: expect.stringContaining(`"${option}"`) as string } });
    }
  });
});

/** Characters that a URL parser might ignore or take for the end of a part. */
const NASTY = Array.from('@:/\\?#%&=[].-_~!$\'"()*+,;<>^`{|} aB7éß。．０ｌ\u0000\t\n\u00ad\u200b\u2028\ud800');
const PARTS = [
  '127.0.0.1',
  'localhost',
  'peer.example',
  '9222',
  '/json',
  '..',
  '%2e',
  '%2f',
  '%40',
  '//',
  '::1',
  '[::1]',
];

/** Nearly valid options: usually one of them is damaged, sometimes all are nonsense. */
function* nonsense(count: number): Generator<ServerOptions> {
  const random = seededRandom(20_240_601);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const text = (): string =>
    Array.from({ length: Math.floor(random() * 6) }, () => pick(random() < 0.3 ? PARTS : NASTY)).join('');
  for (let n = 0; n < count; n++) {
    const isWild = random() < 0.2;
    const some = (usual: string): string => {
      if (isWild || random() < 0.1) return text();
      const at = Math.floor(random() * (usual.length + 1));
      return random() < 0.7 ? usual : usual.slice(0, at) + pick(NASTY) + usual.slice(at);
    };
    yield {
      host: some(pick(['peer.example', '10.0.0.5', '[::1]', 'Bücher.example'])),
      port: some(pick(['', '80', '9000', '443'])),
      path: some(pick(['/', '/app/', '/a/b/'])),
      key: some('peerjs'),
      secure: random() < 0.5,
    };
  }
}

describe('the socket URL and the list URL of accepted options', () => {
  it('lead to the canonical host, port, path and key, whatever the options were', () => {
    let accepted = 0;
    for (const options of nonsense(20_000)) {
      const parsed = parseServerOptions(options);
      if ('problem' in parsed) continue;
      accepted++;
      const { server } = parsed;
      const usual = server.secure ? 443 : 80;
      const common = {
        username: '',
        password: '',
        hash: '',
        hostname: server.host,
        port: server.port === usual ? '' : String(server.port),
      };
      const socket = new URL(socketUrl(server, 'a b&id=c#', '@/?%'));
      expect(socket).toMatchObject({
        ...common,
        protocol: server.secure ? 'wss:' : 'ws:',
        pathname: `${server.path}peerjs`,
        search: `?key=${server.key}&id=a%20b%26id%3Dc%23&token=%40%2F%3F%25&version=1.5.5`,
      });
      const list = new URL(peerListUrl(server));
      expect(list).toMatchObject({
        ...common,
        protocol: server.secure ? 'https:' : 'http:',
        pathname: `${server.path}${server.key}/peers`,
        search: expect.stringMatching(/^\?ts=[\d.]+(e-\d+)?&version=1\.5\.5$/) as string,
      });
      expect(new URL(serverOrigin(server)).origin).toBe(serverOrigin(server));
      expect(parseServerOptions(server)).toEqual({ server });
    }
    expect(accepted).toBeGreaterThan(2000);
  });
});

describe('URLs of a PeerServer', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1000 }));
  afterEach(() => void vi.useRealTimers());

  it('equal PeerJS’s URLs for the socket', () => {
    const query = 'id=me&token=t&version=1.5.5';
    expect(socketUrl(CLOUD_SERVER, 'me', 't')).toBe(`wss://0.peerjs.com:443/peerjs?key=peerjs&${query}`);
    expect(socketUrl(own, 'me', 't')).toBe(`ws://localhost:9000/app/peerjs?key=k&${query}`);
  });

  it('encode every ID that PeerJS accepts like PeerJS', () => {
    for (const id of ['plain', 'a b_c-d', '0', 'X y Z']) {
      const ofPeerJs = new URL(`ws://localhost:9000/app/peerjs?key=k&id=${id}&token=t&version=1.5.5`);
      expect(new URL(socketUrl(own, id, 't')).href).toBe(ofPeerJs.href);
    }
  });

  it('encode half of a surrogate pair like the URL parser', () => {
    expect(socketUrl(own, 'a\ud800', 't')).toContain('&id=a%EF%BF%BD&');
    expect(socketUrl(own, '😀', 't')).toContain('&id=%F0%9F%98%80&');
  });

  it('equal PeerJS’s URL for the list of IDs', () => {
    expect(peerListUrl(own)).toMatch(/^http:\/\/localhost:9000\/app\/k\/peers\?ts=10000\.\d+&version=1\.5\.5$/);
  });

  it('differ if any part of the address differs', () => {
    const others = [{ host: 'h' }, { port: 1 }, { path: '/' }, { key: 'x' }, { secure: true }];
    const servers = [own, ...others.map((other) => ({ ...own, ...other }))];
    expect(new Set(servers.map(serverUrl)).size).toBe(servers.length);
    expect(servers.map((server) => isSameServer(own, server))).toEqual([true, false, false, false, false, false]);
  });

  it.each([
    [CLOUD_SERVER, '0.peerjs.com', 'wss://0.peerjs.com'],
    [{ ...own, port: 80 }, 'localhost', 'ws://localhost'],
    [own, 'localhost:9000', 'ws://localhost:9000'],
    [{ ...own, secure: true }, 'localhost:9000', 'wss://localhost:9000'],
    [{ ...own, port: 443 }, 'localhost:443', 'ws://localhost:443'],
    [{ ...own, host: '[::1]' }, '[::1]:9000', 'ws://[::1]:9000'],
  ])('show a port in label and origin only if it is not the default: $1', (server, label, origin) => {
    expect([serverLabel(server), serverOrigin(server)]).toEqual([label, origin]);
  });

  it('show the end of a long host after “…” in the label', () => {
    const host = `${'verified.'.repeat(20)}attacker.example`;
    const label = serverLabel({ ...own, host });
    expect(label).toHaveLength(64 + ':9000'.length);
    expect(label).toMatch(/^….*\.attacker\.example:9000$/);
    expect(serverOrigin({ ...own, host })).toBe(`ws://${host}:9000`);
  });
});
