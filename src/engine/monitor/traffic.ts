// Reads an RTCPeerConnection's traffic from its statistics (W3C webrtc-stats).
import type { LiveConnection } from '../../protocol/live-messages';

export type Traffic = Pick<LiveConnection, 'path' | 'roundTrip' | 'bytesSent' | 'bytesReceived'> & {
  /** The transport's state. `none`: not connected yet. */
  transport: 'none' | 'up' | 'down';
};

/** The members that we read. TypeScript's library does not type a report's entries. */
interface Stats {
  type?: string;
  bytesSent?: number;
  bytesReceived?: number;
  dtlsState?: string;
  iceState?: string;
  selectedCandidatePairId?: string;
  localCandidateId?: string;
  remoteCandidateId?: string;
  candidateType?: string;
  /** Seconds. */
  currentRoundTripTime?: number;
}

export function readTraffic(report: readonly [id: string, stats: unknown][]): Traffic {
  const entries = new Map(report as [string, Stats][]);
  const transports = [...entries.values()].filter(({ type }) => type === 'transport');
  // There is one transport with `max-bundle` and between current browsers, and it carries everything that PeerJS
  // negotiates.
  const [main] = transports;
  const pair = entries.get(main?.selectedCandidatePairId ?? '');
  const ends = [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => entries.get(id ?? '')?.candidateType);
  const roundTrip = pair?.currentRoundTripTime;
  return {
    transport: transportStateOf(main),
    ...(pair && { path: ends.includes('relay') ? 'relayed' : 'direct' }),
    ...(roundTrip !== undefined && { roundTrip: roundTrip * 1000 }),
    bytesSent: sum(transports, 'bytesSent'),
    bytesReceived: sum(transports, 'bytesReceived'),
  };
}

function transportStateOf(transport: Stats | undefined): Traffic['transport'] {
  if (transport?.dtlsState !== 'connected') return 'none';
  return transport.iceState === 'disconnected' || transport.iceState === 'failed' ? 'down' : 'up';
}

function sum(transports: Stats[], name: 'bytesSent' | 'bytesReceived'): number {
  return transports.reduce((total, transport) => total + (transport[name] ?? 0), 0);
}
