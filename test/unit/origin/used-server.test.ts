import { describe, expect, it } from 'vitest';
import { usedServer } from '../../../src/origin/used-server';

const CLOUD = { host: '0.peerjs.com', port: 443, path: '/', key: 'peerjs', secure: true };
const OWN = { host: 'own.example', port: 9000, path: '/mine/', key: 'mine', secure: true };

describe('usedServer', () => {
  it('is the user’s own for a page that names none, however the port is written', () => {
    expect(usedServer(CLOUD, { peerServer: OWN })).toBe(OWN);
    expect(usedServer({ ...CLOUD, port: '443' }, { peerServer: OWN })).toBe(OWN);
  });

  it.each([{ host: 'page.example' }, { port: 8443 }, { path: '/app/' }, { key: 'page' }])(
    'is the page’s where that names %j',
    (named) => {
      const server = { ...CLOUD, ...named };
      expect(usedServer(server, { peerServer: OWN })).toBe(server);
    },
  );

  it('is the page’s where the user has none', () => {
    expect(usedServer(CLOUD, {})).toBe(CLOUD);
  });
});
