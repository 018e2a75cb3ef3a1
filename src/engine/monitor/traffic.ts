// What an RTCPeerConnection's statistics say of its traffic (W3C webrtc-stats).
import type { LiveConnection } from '../../protocol/live-messages';

export type Traffic = Pick<LiveConnection, 'path' | 'roundTrip' | 'bytesSent' | 'bytesReceived'> & {
  /** `none`: there is no connection yet. */
  link: 'none' | 'up' | 'down';
};

/** The parts that we read. The library of TypeScript types a report's entries as nothing in particular. */
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
  // With `max-bundle` and between browsers of today there is one; all that PeerJS negotiates goes over it.
  const [main] = transports;
  const pair = entries.get(main?.selectedCandidatePairId ?? '');
  const ends = [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => entries.get(id ?? '')?.candidateType);
  const roundTrip = pair?.currentRoundTripTime;
  return {
    link: linkOf(main),
    ...(pair && { path: ends.includes('relay') ? 'relayed' : 'direct' }),
    ...(roundTrip !== undefined && { roundTrip: roundTrip * 1000 }),
    bytesSent: sum(transports, 'bytesSent'),
    bytesReceived: sum(transports, 'bytesReceived'),
  };
}

function linkOf(transport: Stats | undefined): Traffic['link'] {
  if (transport?.dtlsState !== 'connected') return 'none';
  return transport.iceState === 'disconnected' || transport.iceState === 'failed' ? 'down' : 'up';
}

function sum(transports: Stats[], name: 'bytesSent' | 'bytesReceived'): number {
  return transports.reduce((total, transport) => total + (transport[name] ?? 0), 0);
}
