import { describe, expect, it } from 'vitest';
import { isLocalHost, isPrivateHost } from '../../../../src/sites/servers/private-address';

/** The host as `URL.hostname` returns it. */
function hostOf(host: string): string {
  return new URL(`ws://${host}/`).hostname;
}

/** Hosts that are private for a server and local for a page. */
const LOCAL = [
  ['loopback', '127.0.0.1'],
  ['loopback, written short', '127.1'],
  ['loopback, as one number', '2130706433'],
  ['loopback, in hexadecimal', '0x7f.0.0.1'],
  ['any address', '0.0.0.0'],
  ['this network', '0.1.2.3'],
  ['10/8', '10.255.0.1'],
  ['172.16/12, first', '172.16.0.1'],
  ['172.16/12, last', '172.31.255.255'],
  ['192.168/16', '192.168.1.20'],
  ['link-local', '169.254.169.254'],
  ['carrier-grade NAT, first', '100.64.0.0'],
  ['carrier-grade NAT, last', '100.127.255.255'],
  ['IPv6 loopback', '[::1]'],
  ['IPv6 any address', '[::]'],
  ['IPv6 link-local', '[fe80::1]'],
  ['IPv6 unique local', '[fd12:3456::1]'],
  ['IPv4 in IPv6', '[::ffff:192.168.1.1]'],
  ['localhost', 'localhost'],
  ['localhost with a final dot', 'LocalHost.'],
  ['below localhost', 'a.b.localhost'],
  ['a multicast DNS name', 'printer.local'],
  ['a name without a dot', 'router'],
  ['a name without a dot, with a final one', 'router.'],
  ['internal', 'metadata.google.internal'],
  ['home.arpa', 'nas.home.arpa'],
  ['home', 'nas.home'],
  ['lan', 'nas.lan'],
  ['lan with a final dot', 'nas.lan.'],
  ['localdomain', 'localhost.localdomain'],
  ['corp', 'wiki.corp'],
  ['intranet', 'wiki.intranet'],
  ['private', 'db.private'],
  ['mail', 'smtp.mail'],
  ['test', 'app.test'],
] as const;

/** Hosts that may be private, so a server counts as private; a page may belong to anybody, so it is not local. */
const DOUBTFUL = [
  ['multicast', '224.0.0.251'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['documentation', '203.0.113.7'],
  ['benchmarking', '198.18.0.1'],
  ['protocol assignments', '192.0.0.8'],
  ['IPv6 multicast', '[ff02::1]'],
  ['IPv6 site-local', '[fec0::1]'],
  ['IPv6 documentation', '[2001:db8::1]'],
  ['NAT64', '[64:ff9b::10.0.0.5]'],
  ['NAT64 of a public address', '[64:ff9b::8.8.8.8]'],
  ['NAT64, local use', '[64:ff9b:1::1]'],
  ['6to4 of a private address', '[2002:a00:5::1]'],
  ['6to4 of a public address', '[2002:808:808::1]'],
  ['Teredo', '[2001:0:4136:e378:8000:63bf:3fff:fdd2]'],
  ['IPv4-compatible IPv6', '[::10.0.0.5]'],
  ['IPv6 that nobody has been given', '[4000::1]'],
  ['an address with dots in a name', '127.0.0.1.nip.io'],
  ['an address further on in a name', 'a.1.10.0.0.5.nip.io'],
  ['an address with hyphens in a name', '10-0-0-5.sslip.io'],
  ['an address behind a word', 'www-192-168-1-1.nip.io'],
  ['an address in hexadecimal', '7f000001.nip.io'],
  ['an address in hexadecimal behind a word', 'app-0a000005.nip.io'],
  ['an IPv6 address in a name', '--1.sslip.io'],
  ['a link-local IPv6 address in a name', 'fe80--1.sslip.io'],
  ['an address in anybody’s name', '10.0.0.1.example.com'],
] as const;

const PUBLIC = [
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.255.255',
  '172.32.0.1',
  '192.169.0.1',
  '[2606:4700::1111]',
  '[::ffff:8.8.8.8]',
  '0.peerjs.com',
  'localhost.example.com',
  'notlocalhost.com',
  'local.example',
  'lan.example',
  'home.arpa.example',
  'ec2-54-201-7-9.compute.amazonaws.com',
  '8-8-8-8.nip.io',
  '08080808.nip.io',
  '10-0-0.example.com',
  '10.example.com',
  '310-0-0-5.example.com',
  '0a00000.example.com',
  'e3b0c4429.example.com',
  'a--b.example.com',
  '0a000005-98fc-4c14-9afb-f4c8996fb924.example.com',
];

describe('isPrivateHost', () => {
  it.each([...LOCAL, ...DOUBTFUL])('counts a server as private at %s: %s', (_what, host) => {
    expect(isPrivateHost(hostOf(host))).toBe(true);
  });

  it.each(PUBLIC)('counts a server as public at %s', (host) => {
    expect(isPrivateHost(hostOf(host))).toBe(false);
  });
});

describe('isLocalHost', () => {
  it.each(LOCAL)('counts a page as local at %s: %s', (_what, host) => {
    expect(isLocalHost(hostOf(host))).toBe(true);
  });

  it.each([...DOUBTFUL.map(([what, host]) => [what, host]), ...PUBLIC.map((host) => ['the internet', host])])(
    'does not count a page as local at %s: %s',
    (_what, host) => {
      expect(isLocalHost(hostOf(host))).toBe(false);
    },
  );
});
