// The way that a call takes, read from the statistics of its connection.

/** @returns {Promise<string>} empty while there is no way yet */
export async function describeRoute(call) {
  // Peerport's calls have statistics of their own; PeerJS leaves them to the connection.
  const source = call.getStats ? call : call.peerConnection;
  const report = await source?.getStats();
  const stats = report ? [...report.values()] : [];
  const pair = selectedPair(stats, report);
  if (!pair) return '';
  const ends = [pair.localCandidateId, pair.remoteCandidateId].map((id) => report.get(id));
  const isRelayed = ends.some((end) => end?.candidateType === 'relay');
  const way = isRelayed ? 'Through a relay' : 'Straight from browser to browser';
  const protocol = ends[0]?.protocol?.toUpperCase();
  const roundTripMs = pair.currentRoundTripTime * 1000;
  return [
    protocol ? `${way}, ${protocol}` : way,
    Number.isFinite(roundTripMs) &&
      `${roundTripMs < 10 ? roundTripMs.toFixed(1) : Math.round(roundTripMs)} ms round trip`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Chromium names it in the transport; Firefox marks the pair itself. */
function selectedPair(stats, report) {
  const transport = stats.find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
  if (transport) return report.get(transport.selectedCandidatePairId);
  return stats.find(({ type, selected, nominated }) => type === 'candidate-pair' && (selected || nominated));
}
