import { describe, expect, it } from 'vitest';
import { isMixedContent } from '../../../../src/sites/servers/mixed-content';
import { nameServer } from '../../../../src/sites/servers/named-server';
import { CLOUD_SERVER } from '../../../../src/protocol/peer-server';

function named(host: string, secure: boolean) {
  return nameServer({ ...CLOUD_SERVER, host, secure });
}

const SECURE = { origin: 'https://chat.example' };
const PLAIN = { origin: 'http://chat.example' };

describe('mixed content', () => {
  it('is an unencrypted server on the internet for an encrypted page', () => {
    expect(isMixedContent(SECURE, named('signal.example', false))).toBe(true);
    expect(isMixedContent({ ...PLAIN, topOrigin: SECURE.origin }, named('signal.example', false))).toBe(true);
    expect(isMixedContent({ ...SECURE, topOrigin: PLAIN.origin }, named('signal.example', false))).toBe(true);
  });

  it('is neither an encrypted server nor any server for an unencrypted page', () => {
    expect(isMixedContent(SECURE, named('signal.example', true))).toBe(false);
    expect(isMixedContent(PLAIN, named('signal.example', false))).toBe(false);
    expect(isMixedContent({ ...PLAIN, topOrigin: 'http://news.example' }, named('signal.example', false))).toBe(false);
  });

  it.each(['localhost', '127.0.0.1', '[::1]', '192.168.1.20', 'nas.lan'])(
    'is not a server on %s, because a prompt names it',
    (host) => {
      expect(isMixedContent(SECURE, named(host, false))).toBe(false);
    },
  );
});
