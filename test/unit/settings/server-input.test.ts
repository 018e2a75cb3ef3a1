import { describe, expect, it } from 'vitest';
import { parseCount } from '../../../extension/settings/numbers';
import { isRelay, parseIceUrls, parsePeerServer, peerServerAddress } from '../../../extension/settings/server-input';

describe('address of a PeerServer', () => {
  it.each([
    ['https://peer.example:9000/myapp', { host: 'peer.example', port: 9000, path: '/myapp/', secure: true }],
    ['http://localhost:9000/', { host: 'localhost', port: 9000, path: '/', secure: false }],
    ['wss://peer.example', { host: 'peer.example', port: 443, path: '/', secure: true }],
    ['peer.example', { host: 'peer.example', port: 443, path: '/', secure: true }],
    ['peer.example:9000', { host: 'peer.example', port: 9000, path: '/', secure: true }],
    ['http://[::1]:9000', { host: '[::1]', port: 9000, path: '/', secure: false }],
  ])('%s is accepted', (typed, parsed) => {
    expect(parsePeerServer(typed, 'key')).toEqual({ value: { ...parsed, key: 'key' } });
  });

  it.each([
    ['no spaces here', 'settingsNotAnAddress'],
    ['https://', 'settingsNotAnAddress'],
    ['peer.example:99999', 'settingsNotAnAddress'],
    ['ftp://peer.example', 'settingsNotAnAddress'],
    ['javascript:alert(1)', 'settingsNotAnAddress'],
    ['https://anna:secret@peer.example', 'settingsAddressTooLong'],
    ['https://peer.example/?key=peerjs', 'settingsAddressTooLong'],
    ['https://peer.example/#top', 'settingsAddressTooLong'],
  ])('%s is refused', (typed, problem) => {
    expect(parsePeerServer(typed, 'key')).toEqual({ problem });
  });

  it.each(['https://peer.example:9000/myapp/', 'http://localhost/', 'https://0.peerjs.com/'])(
    'is shown as typed: %s',
    (address) => {
      const parsed = parsePeerServer(address, 'key');
      expect('value' in parsed && peerServerAddress(parsed.value)).toBe(address);
    },
  );
});

describe('addresses of a STUN or TURN server', () => {
  it.each([
    'stun:stun.example',
    'stuns:stun.example:5349',
    'turn:relay.example:3478',
    'turn:relay.example?transport=tcp',
    'turns:relay.example:443?transport=udp',
    'turn:203.0.113.7:3478',
    'turn:[2001:db8::1]:3478',
  ])('%s is accepted', (url) => {
    expect(parseIceUrls(url)).toEqual({ value: [url] });
  });

  it('may be several, separated by spaces or commas', () => {
    expect(parseIceUrls(' stun:a.example, turn:a.example\tturns:a.example ')).toEqual({
      value: ['stun:a.example', 'turn:a.example', 'turns:a.example'],
    });
  });

  it.each([
    'relay.example',
    'https://relay.example',
    'turn://relay.example',
    'turn:',
    'turn:relay.example:port',
    'turn:relay.example?transport=sctp',
    'stun:stun.example?transport=udp',
    'turn:anna@relay.example',
    'turn:relay.example stun',
  ])('%s is refused', (typed) => {
    expect(parseIceUrls(typed)).toEqual({ problem: 'settingsNotAnIceUrl' });
  });

  it('are required', () => {
    expect(parseIceUrls(' , ')).toEqual({ problem: 'settingsIceUrlMissing' });
  });

  it('count as a relay if one of them is for TURN', () => {
    expect(isRelay({ urls: ['stun:a.example', 'turns:a.example'] })).toBe(true);
    expect(isRelay({ urls: ['stun:turn.example'] })).toBe(false);
  });
});

describe('a typed number', () => {
  it.each([
    ['1', 1],
    ['007', 7],
    ['50', 50],
  ])('%s is accepted', (typed, count) => {
    expect(parseCount(typed, 50)).toBe(count);
  });

  it.each(['0', '51', '-1', '1.5', '1e3', '', 'ten', '9999999999999999'])('%s is refused', (typed) => {
    expect(parseCount(typed, 50)).toBeUndefined();
  });
});
