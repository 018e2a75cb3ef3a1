import { describe, expect, it } from 'vitest';
import { isPrivateOrigin, nameServer } from '../../../../src/sites/servers/named-server';
import { CLOUD_SERVER } from '../../../../src/protocol/peer-server';

describe('nameServer', () => {
  it('shows only the host if the port is the default', () => {
    expect(nameServer(CLOUD_SERVER)).toEqual({
      origin: 'wss://0.peerjs.com',
      label: '0.peerjs.com',
      isPrivate: false,
      isEncrypted: true,
    });
  });

  it('shows another port, and marks local and unencrypted servers', () => {
    expect(nameServer({ ...CLOUD_SERVER, host: 'localhost', port: 9000, secure: false })).toEqual({
      origin: 'ws://localhost:9000',
      label: 'localhost:9000',
      isPrivate: true,
      isEncrypted: false,
    });
  });

  it('keys decisions by the whole name even if the label shows only its end', () => {
    const [one, other] = ['one', 'two'].map((name) =>
      nameServer({ ...CLOUD_SERVER, host: `${name}.${'a.'.repeat(60)}example` }),
    );
    expect(one!.label).toBe(other!.label);
    expect(one!.origin).not.toBe(other!.origin);
  });

  it('recognizes pages of this machine and its network', () => {
    expect(isPrivateOrigin('http://127.0.0.1:8080')).toBe(true);
    expect(isPrivateOrigin('https://nas.lan')).toBe(true);
    expect(isPrivateOrigin('https://chat.example')).toBe(false);
    expect(isPrivateOrigin('null:document')).toBe(false);
  });

  it('does not count a page as local because of an address in its host name', () => {
    expect(isPrivateOrigin('https://127.0.0.1.attacker.example')).toBe(false);
    expect(isPrivateOrigin('https://10-0-0-5.attacker.example')).toBe(false);
  });
});
