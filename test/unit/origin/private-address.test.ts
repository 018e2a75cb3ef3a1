import { describe, expect, it } from 'vitest';
import { isPrivateHost } from '../../../src/origin/private-address';

/** As the browser writes the host of a URL. */
function hostOf(host: string): string {
  return new URL(`ws://${host}/`).hostname;
}

describe('private address', () => {
  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback, written short', '127.1'],
    ['loopback, as one number', '2130706433'],
    ['loopback, in hexadecimal', '0x7f.0.0.1'],
    ['any address', '0.0.0.0'],
    ['10/8', '10.255.0.1'],
    ['172.16/12, first', '172.16.0.1'],
    ['172.16/12, last', '172.31.255.255'],
    ['192.168/16', '192.168.1.20'],
    ['link-local', '169.254.169.254'],
    ['carrier-grade NAT', '100.127.0.1'],
    ['IPv6 loopback', '[::1]'],
    ['IPv6 any address', '[::]'],
    ['IPv6 link-local', '[fe80::1]'],
    ['IPv6 unique local', '[fd12:3456::1]'],
    ['IPv4 in IPv6', '[::ffff:192.168.1.1]'],
    ['localhost', 'localhost'],
    ['localhost with a final dot', 'LocalHost.'],
    ['below localhost', 'a.b.localhost'],
    ['a multicast DNS name', 'printer.local'],
  ])('takes %s for private: %s', (_what, host) => {
    expect(isPrivateHost(hostOf(host))).toBe(true);
  });

  it.each([
    '8.8.8.8',
    '100.128.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '[2001:db8::1]',
    '[::ffff:8.8.8.8]',
    '0.peerjs.com',
    'localhost.example.com',
    'notlocalhost',
    '10.0.0.1.example.com',
  ])('takes %s for public', (host) => {
    expect(isPrivateHost(hostOf(host))).toBe(false);
  });
});
