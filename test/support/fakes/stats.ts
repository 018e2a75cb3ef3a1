// The statistics of an RTCPeerConnection that the live view reads.

export interface StatsOptions {
  bytesSent?: number;
  bytesReceived?: number;
  local?: string;
  remote?: string;
  iceState?: string;
  roundTripSeconds?: number;
}

/** The statistics of an established connection. */
export function connectedStats(options: StatsOptions = {}): [id: string, stats: unknown][] {
  const { bytesSent = 0, bytesReceived = 0, local = 'host', remote = 'host', iceState = 'connected' } = options;
  return [
    // The live view must ignore this pair, which was tried but not selected.
    ['CP0', { type: 'candidate-pair', localCandidateId: 'L0', remoteCandidateId: 'R', currentRoundTripTime: 9 }],
    [
      'CP1',
      {
        type: 'candidate-pair',
        localCandidateId: 'L1',
        remoteCandidateId: 'R',
        currentRoundTripTime: options.roundTripSeconds,
      },
    ],
    ['L0', { type: 'local-candidate', candidateType: 'relay' }],
    ['L1', { type: 'local-candidate', candidateType: local }],
    ['R', { type: 'remote-candidate', candidateType: remote }],
    [
      'T',
      {
        type: 'transport',
        dtlsState: 'connected',
        iceState,
        selectedCandidatePairId: 'CP1',
        bytesSent,
        bytesReceived,
      },
    ],
  ];
}
