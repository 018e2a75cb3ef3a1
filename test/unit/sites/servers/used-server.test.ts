import { describe, expect, it } from 'vitest';
import { usedServer } from '../../../../src/sites/servers/used-server';
import { CLOUD_SERVER } from '../../../../src/protocol/peer-server';

const OWN = { host: 'own.example', port: 9000, path: '/mine/', key: 'mine', secure: true };

describe('usedServer', () => {
  it('is the user’s own server for a page that names none', () => {
    expect(usedServer(CLOUD_SERVER, { peerServer: OWN })).toEqual({ server: OWN, isOwnServer: true });
  });

  it.each([{ host: 'page.example' }, { port: 8443 }, { path: '/app/' }, { key: 'page' }, { secure: false }])(
    'is the page’s server if the page names %j',
    (named) => {
      const server = { ...CLOUD_SERVER, ...named };
      expect(usedServer(server, { peerServer: OWN })).toEqual({ server, isOwnServer: false });
    },
  );

  it('is the page’s server if the user has none', () => {
    expect(usedServer(CLOUD_SERVER, {})).toEqual({ server: CLOUD_SERVER, isOwnServer: false });
  });
});
