import { describe, expect, it } from 'vitest';
import { isPrivateOrigin, nameServer } from '../../../src/origin/named-server';
import type { PeerServerAddress } from '../../../src/protocol/peer-server';

function makeServer(server: Partial<PeerServerAddress>): PeerServerAddress {
  return { host: '0.peerjs.com', port: 443, path: '/', key: 'peerjs', secure: true, ...server };
}

describe('named server', () => {
  it('shows the host alone where the port is the usual one', () => {
    expect(nameServer(makeServer({}))).toEqual({ label: '0.peerjs.com', isPrivate: false });
  });

  it('shows another port', () => {
    expect(nameServer(makeServer({ host: 'localhost', port: 9000, secure: false }))).toEqual({
      label: 'localhost:9000',
      isPrivate: true,
    });
  });

  it.each([
    ['host', { host: 'trusted.example@10.0.0.1' }],
    ['port', { port: '80@10.0.0.1' }],
    ['host with a path', { host: '10.0.0.1/trusted.example' }],
  ])('is not deceived by a %s that reaches another server', (_where, parts) => {
    const { label, isPrivate } = nameServer(makeServer(parts));
    expect(isPrivate).toBe(true);
    expect(label).toMatch(/^10\.0\.0\.1/);
  });

  it('shows international names as the browser sends them', () => {
    expect(nameServer(makeServer({ host: 'pаypal.example' })).label).toMatch(/^xn--/);
  });

  it('lets what is no address pass, since it reaches nobody', () => {
    expect(nameServer(makeServer({ host: 'a b' })).isPrivate).toBe(false);
  });

  it('knows pages of this machine and its network', () => {
    expect(isPrivateOrigin('http://127.0.0.1:8080')).toBe(true);
    expect(isPrivateOrigin('https://chat.example')).toBe(false);
    expect(isPrivateOrigin('null:document')).toBe(false);
  });
});
