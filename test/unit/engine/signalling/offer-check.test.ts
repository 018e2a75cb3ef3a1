import { describe, expect, it } from 'vitest';
import { looksLikeOffer } from '../../../../src/engine/signalling/offer-check';
import { DATA_OFFER, section } from '../../../support/sdp-samples';

const lines = (...all: string[]): string => all.map((line) => `${line}\r\n`).join('');

const FINGERPRINT = `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'A1').join(':')}`;
const HEAD = ['v=0', 'o=- 4611731400430051336 2 IN IP4 127.0.0.1', 's=-', 't=0 0'];
const CHANNELS = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel';

/** PeerJS's offers as these clients write them: seen in Chromium 156 and Firefox 153; the others from their sources and tests. */
const HONEST: Record<string, [type: 'data' | 'media', sdp: string]> = {
  Chromium: [
    'data',
    lines(
      ...HEAD,
      'a=group:BUNDLE 0',
      'a=extmap-allow-mixed',
      'a=msid-semantic: WMS',
      CHANNELS,
      'c=IN IP4 0.0.0.0',
      'a=ice-ufrag:q+/4',
      'a=ice-pwd:pXa0jVuR6VtXQ0mYp1r1sQxA',
      'a=ice-options:trickle',
      FINGERPRINT,
      'a=setup:actpass',
      'a=mid:0',
      'a=sctp-port:5000',
      'a=max-message-size:262144',
    ),
  ],
  Firefox: [
    'data',
    lines(
      'v=0',
      'o=mozilla...THIS_IS_SDPARTA-99.0 4178903217 0 IN IP4 0.0.0.0',
      's=-',
      't=0 0',
      FINGERPRINT,
      'a=group:BUNDLE 0',
      'a=ice-options:trickle',
      'a=msid-semantic:WMS *',
      CHANNELS,
      'c=IN IP4 0.0.0.0',
      'a=sendrecv',
      'a=ice-pwd:0123456789abcdef0123456789abcdef',
      'a=ice-ufrag:01234567',
      'a=mid:0',
      'a=setup:actpass',
      'a=sctp-port:5000',
      'a=max-message-size:1073741823',
    ),
  ],
  Safari: [
    'data',
    lines(
      ...HEAD,
      'a=group:BUNDLE 0',
      CHANNELS,
      'c=IN IP4 0.0.0.0',
      'a=ice-ufrag:eN7c',
      'a=ice-pwd:GZ0mXnQtdJ0dD0Fe9kOEBw+8',
    ).concat(lines('a=ice-options:trickle', FINGERPRINT, 'a=setup:actpass', 'a=mid:0', 'a=sctp-port:5000')),
  ],
  'a browser before 2019': [
    'data',
    lines(
      ...HEAD,
      'm=application 9 DTLS/SCTP 5000',
      'c=IN IP4 0.0.0.0',
      'a=ice-ufrag:aBcD',
      'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    ).concat(lines(FINGERPRINT, 'a=setup:actpass', 'a=mid:data', 'a=sctpmap:5000 webrtc-datachannel 1024')),
  ],
  'libdatachannel, on a line feed alone': [
    'data',
    [
      'v=0',
      'o=rtc 3767197920 0 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      CHANNELS,
      'a=ice-ufrag:Kb8A',
      'a=ice-pwd:fB6xn4gbbDTS7uKcWkWHxK',
      FINGERPRINT,
      '',
    ].join('\n'),
  ],
  'a call without any track': ['media', DATA_OFFER],
  'a call with a rejected section first': [
    'media',
    lines(...HEAD, 'm=audio 0 UDP/TLS/RTP/SAVPF 0', 'm=video 9 UDP/TLS/RTP/SAVPF 96 97', 'a=ice-ufrag:aBcD').concat(
      lines('a=ice-pwd:abcdefghijklmnopqrstuvwx', FINGERPRINT, 'b=AS:500'),
    ),
  ],
};

describe('looksLikeOffer with an honest offer', () => {
  it.each(Object.entries(HONEST))('accepts an offer of %s', (_, [type, sdp]) => {
    expect(looksLikeOffer(sdp, type)).toBe(true);
  });
});

const without = (start: string): string => DATA_OFFER.replace(new RegExp(`^${start}.*\r\n`, 'm'), '');
const withInstead = (start: string, line: string): string =>
  DATA_OFFER.replace(new RegExp(`^${start}.*\r\n`, 'm'), `${line}\r\n`);

describe('looksLikeOffer with an invalid offer of a data connection', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['a letter', 'x'],
    ['garbage', 'garbage\r\n'],
    ['the version alone', 'v=0\r\n'],
    ...['v=', 'o=', 's=', 't=', 'm=', 'a=ice-ufrag', 'a=ice-pwd', 'a=fingerprint'].map((start): [string, string] => [
      `an offer without ${start}`,
      without(start),
    ]),
    ['an offer of another version', withInstead('v=', 'v=1')],
    ['an origin without numbers', withInstead('o=', 'o=- x 2 IN IP4 127.0.0.1')],
    ['a short password', withInstead('a=ice-pwd', 'a=ice-pwd:short')],
    ['a fragment of other characters', withInstead('a=ice-ufrag', 'a=ice-ufrag:a b c d')],
    ['a fingerprint of no bytes', withInstead('a=fingerprint', 'a=fingerprint:sha-256 XY')],
    ['a section of an unknown medium', withInstead('m=', 'm=teleport 9 UDP/DTLS/SCTP webrtc-datachannel')],
    ['media alone', withInstead('m=', section('audio 9 UDP/TLS/RTP/SAVPF 111').trim())],
    ['an offer with an invalid line', `${DATA_OFFER}and more\r\n`],
    ['an offer with a line too long', `${DATA_OFFER}a=x:${'x'.repeat(5000)}\r\n`],
    ['an offer with too many lines', `${DATA_OFFER}${'a=x\r\n'.repeat(20_000)}`],
  ])('rejects %s', (_, sdp) => {
    expect(looksLikeOffer(sdp, 'data')).toBe(false);
  });
});
