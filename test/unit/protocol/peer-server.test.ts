import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { apiUrl, serverLabel, serverUrl, socketUrl } from '../../../src/protocol/peer-server';

const cloud = { host: '0.peerjs.com', port: 443, path: '/', key: 'peerjs', secure: true };
const own = { host: 'localhost', port: 9000, path: '/app/', key: 'k', secure: false };

beforeEach(() => void vi.useFakeTimers({ now: 1000 }));
afterEach(() => void vi.useRealTimers());

describe('addresses of a PeerServer', () => {
  it('are those of PeerJS for the socket', () => {
    const query = 'id=me&token=t&version=1.5.5';
    expect(socketUrl(cloud, 'me', 't')).toBe(`wss://0.peerjs.com:443/peerjs?key=peerjs&${query}`);
    expect(socketUrl(own, 'me', 't')).toBe(`ws://localhost:9000/app/peerjs?key=k&${query}`);
  });

  it('are those of PeerJS for HTTP', () => {
    expect(apiUrl(cloud, 'id')).toMatch(/^https:\/\/0\.peerjs\.com\/peerjs\/id\?ts=10000\.\d+&version=1\.5\.5$/);
    expect(apiUrl(own, 'peers')).toMatch(/^http:\/\/localhost:9000\/app\/k\/peers\?ts=10000\.\d+&version=1\.5\.5$/);
  });

  it('tell registries apart by each part', () => {
    const others = [{ host: 'h' }, { port: 1 }, { path: '/' }, { key: 'x' }, { secure: true }];
    const urls = [own, ...others.map((other) => ({ ...own, ...other }))].map(serverUrl);
    expect(new Set(urls).size).toBe(urls.length);
  });

  it('throw where there is no URL', () => {
    expect(() => apiUrl({ ...own, host: 'no host' }, 'id')).toThrow(TypeError);
  });

  it.each([
    [cloud, '0.peerjs.com'],
    [{ ...cloud, port: '443' }, '0.peerjs.com'],
    [{ ...own, port: 80 }, 'localhost'],
    [own, 'localhost:9000'],
    [{ ...own, port: 443 }, 'localhost:443'],
  ])('show a port only where it is not the usual one', (server, label) => {
    expect(serverLabel(server)).toBe(label);
  });
});
