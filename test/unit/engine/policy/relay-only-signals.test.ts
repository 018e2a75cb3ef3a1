import { describe, expect, it } from 'vitest';
import { withRelaysAlone } from '../../../../src/engine/policy/relay-only-signals';
import type { ClientMessage } from '../../../../src/protocol/signalling';

const HOST = 'candidate:1 1 udp 2122 192.168.1.7 50000 typ host generation 0 ufrag u';
const REFLEXIVE = 'candidate:2 1 udp 1686 203.0.113.9 50001 typ srflx raddr 192.168.1.7 rport 50000 generation 0';
const RELAY = 'candidate:3 1 udp 41 198.51.100.4 60000 typ relay raddr 203.0.113.9 rport 50001 generation 0 ufrag u';
const ANONYMOUS = 'candidate:3 1 udp 41 198.51.100.4 60000 typ relay raddr 0.0.0.0 rport 0 generation 0 ufrag u';

function candidate(text: string): ClientMessage {
  const init = { candidate: text, sdpMid: '0', sdpMLineIndex: 0 };
  return { type: 'CANDIDATE', dst: 'remote', payload: { candidate: init, type: 'data', connectionId: 'dc_1' } };
}

function description(type: 'OFFER' | 'ANSWER', ...candidates: string[]): ClientMessage {
  const lines = ['v=0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0'];
  const sdp = [...lines, ...candidates.map((text) => `a=${text}`), 'a=mid:0', ''].join('\r\n');
  const payload = { sdp: { type: type.toLowerCase(), sdp }, type: 'data', connectionId: 'dc_1', label: 'l' };
  return { type, dst: 'remote', payload };
}

describe('withRelaysAlone', () => {
  it.each([HOST, REFLEXIVE, '', 'garbage', `${HOST} x typ relayed`])('drops the candidate %j', (text) => {
    expect(withRelaysAlone(candidate(text))).toBeUndefined();
  });

  it('drops a signal without a candidate', () => {
    expect(withRelaysAlone({ type: 'CANDIDATE', dst: 'remote', payload: {} })).toBeUndefined();
  });

  it('passes a relayed candidate without its related address', () => {
    expect(withRelaysAlone(candidate(RELAY))).toEqual(candidate(ANONYMOUS));
    expect(withRelaysAlone(candidate(ANONYMOUS))).toEqual(candidate(ANONYMOUS));
  });

  it.each(['OFFER', 'ANSWER'] as const)('filters the candidates in an %s, and keeps its other lines', (type) => {
    expect(withRelaysAlone(description(type, HOST, RELAY, REFLEXIVE))).toEqual(description(type, ANONYMOUS));
  });
});
