// Describes the network path of a call, from the statistics of its connection.

/** @returns {Promise<string>} empty while there is no path yet */
export async function describeRoute(call) {
  // Peerport's calls have their own getStats(); PeerJS's do not.
  const source = call.getStats ? call : call.peerConnection;
  const report = await source?.getStats();
  const stats = report ? [...report.values()] : [];
  const pair = selectedPair(stats, report);
  if (!pair) return '';
  const ends = [pair.localCandidateId, pair.remoteCandidateId].map((id) => report.get(id));
  const isRelayed = ends.some((end) => end?.candidateType === 'relay');
  const path = isRelayed ? 'Through a relay' : 'Straight from browser to browser';
  const protocol = ends[0]?.protocol?.toUpperCase();
  const roundTripMs = pair.currentRoundTripTime * 1000;
  return [
    protocol ? `${path}, ${protocol}` : path,
    Number.isFinite(roundTripMs) &&
      `${roundTripMs < 10 ? roundTripMs.toFixed(1) : Math.round(roundTripMs)} ms round trip`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** The candidate pair in use. Chromium names it in the transport's statistics, Firefox marks the pair itself. */
function selectedPair(stats, report) {
  const transport = stats.find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
  if (transport) return report.get(transport.selectedCandidatePairId);
  return stats.find(({ type, selected, nominated }) => type === 'candidate-pair' && (selected || nominated));
}
