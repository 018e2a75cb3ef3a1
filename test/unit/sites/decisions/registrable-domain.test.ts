import { describe, expect, it } from 'vitest';
import { registrableDomain } from '../../../../src/sites/decisions/registrable-domain';

describe('registrableDomain', () => {
  it.each([
    ['all subdomains of a domain', 'https://a1.b.evil.example', 'evil.example'],
    ['a domain below a suffix of two labels', 'https://shop.name.co.uk', 'name.co.uk'],
    ['any scheme and port', 'http://a.evil.example:8080', 'evil.example'],
    ['a site on shared hosting', 'https://somebody.github.io', 'somebody.github.io'],
    ['subdomains of such a site', 'https://x.somebody.github.io', 'somebody.github.io'],
    ['a public suffix itself', 'https://github.io', 'github.io'],
    ['a loopback name', 'http://a.site.localhost:1', 'site.localhost'],
    ['a single label', 'http://router', 'router'],
    ['an IPv4 address', 'http://192.168.1.20:9000', '192.168.1.20'],
    ['an IPv6 address', 'http://[fd00::1]:9000', '[fd00::1]'],
    ['a page without a web address', 'null', 'null'],
  ])('takes %s for one', (_what, origin, domain) => {
    expect(registrableDomain(origin)).toBe(domain);
  });
});
