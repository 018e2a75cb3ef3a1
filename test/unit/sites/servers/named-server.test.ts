import { describe, expect, it } from 'vitest';
import { isPrivateOrigin, nameServer } from '../../../../src/sites/servers/named-server';
import { CLOUD_SERVER } from '../../../../src/protocol/peer-server';

describe('named server', () => {
  it('shows the host alone where the port is the usual one', () => {
    expect(nameServer(CLOUD_SERVER)).toEqual({
      origin: 'wss://0.peerjs.com',
      label: '0.peerjs.com',
      isPrivate: false,
      isEncrypted: true,
    });
  });

  it('shows another port, and tells what is in the local network and what is not encrypted', () => {
    expect(nameServer({ ...CLOUD_SERVER, host: 'localhost', port: 9000, secure: false })).toEqual({
      origin: 'ws://localhost:9000',
      label: 'localhost:9000',
      isPrivate: true,
      isEncrypted: false,
    });
  });

  it('keeps decisions about the whole of a name of which it shows the end', () => {
    const [one, other] = ['one', 'two'].map((name) =>
      nameServer({ ...CLOUD_SERVER, host: `${name}.${'a.'.repeat(60)}example` }),
    );
    expect(one!.label).toBe(other!.label);
    expect(one!.origin).not.toBe(other!.origin);
  });

  it('knows pages of this machine and its network', () => {
    expect(isPrivateOrigin('http://127.0.0.1:8080')).toBe(true);
    expect(isPrivateOrigin('https://nas.lan')).toBe(true);
    expect(isPrivateOrigin('https://chat.example')).toBe(false);
    expect(isPrivateOrigin('null:document')).toBe(false);
  });

  it('takes no page for local because of an address that its owner has written into its name', () => {
    expect(isPrivateOrigin('https://127.0.0.1.attacker.example')).toBe(false);
    expect(isPrivateOrigin('https://10-0-0-5.attacker.example')).toBe(false);
  });
});
