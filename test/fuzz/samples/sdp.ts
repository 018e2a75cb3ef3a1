// Session descriptions and candidates, as browsers write them and in hostile variants. All addresses are loopback or
// for documentation (RFC 5737), so that no other machine receives a packet.
import { CHROMIUM } from '../../support/sdp-samples';
import { mutatedText } from '../mutate';
import type { Random } from '../random';

const DATA = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:aBcD',
  'a=ice-pwd:0123456789abcdefghijklmn',
  'a=ice-options:trickle',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
]
  .map((line) => `${line}\r\n`)
  .join('');

export function sessionDescription(random: Random, kind: 'data' | 'media'): string {
  const sdp = kind === 'data' ? DATA : CHROMIUM;
  return random.chance(0.5) ? sdp : mutatedSdp(sdp, random);
}

export function candidateText(random: Random): string {
  const type = random.pick(['host', 'srflx raddr 192.0.2.1 rport 9', 'relay raddr 192.0.2.1 rport 9']);
  const port = random.between(1, 65_535);
  const text = `candidate:1 1 udp 2113937151 127.0.0.1 ${port} typ ${type} generation 0 ufrag aBcD network-cost 999`;
  return random.chance(0.5) ? text : mutatedTokens(text, random);
}

const TOKENS = [
  ...['', '0', '-1', '9', '65536', '4294967296', '18446744073709551616', '1e9', 'x', '*', '127.0.0.1', '::1'],
  ...['a'.repeat(300), '\u0000', '=', ':', 'application', 'sha-1', 'recvonly', 'rejected', '0.0.0.0', 'localhost'],
];

/** Replaces one to three words with TOKENS, which contain no addresses of other machines. */
function mutatedTokens(text: string, random: Random): string {
  const words = text.split(/([ :=;/\r\n]+)/);
  for (let n = random.between(1, 3); n > 0; n--) words[2 * random.below((words.length + 1) / 2)] = random.pick(TOKENS);
  return words.join('');
}

export function mutatedSdp(sdp: string, random: Random): string {
  const lines = sdp.split(/(?<=\n)/);
  const at = random.below(lines.length);
  return random.pick([
    () => 'x',
    () => mutatedTokens(sdp, random),
    () => lines.filter((_, index) => index !== at).join(''),
    () => [...lines.slice(0, at), ...lines.slice(0, at), ...lines.slice(at)].join(''),
    () => random.shuffled(lines).join(''),
    () => sdp.replaceAll('\r\n', random.pick(['\n', '\r', ''])),
    () =>
      sdp +
      lines
        .slice(at)
        .join('')
        .repeat(random.pick([1, 20, 200])),
    () => sdp.replace(/^m=.*$/m, (line) => mutatedTokens(line, random)),
    () => sdp + `a=${'x'.repeat(random.pick([1000, 200_000]))}\r\n`,
    () => mutatedText(sdp.slice(0, random.below(sdp.length)), random),
  ])();
}
