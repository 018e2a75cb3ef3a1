// The statistics of a host's connection as its page may see them.

/**
 * Without the URLs of the ICE servers that gave candidates: they may be the user's own. A browser's own statistics hold
 * nothing else of a server.
 */
export function statsForPage(stats: [id: string, stats: unknown][]): [id: string, stats: unknown][] {
  return stats.map(([id, record]) => {
    if (typeof record !== 'object' || record === null || !('url' in record)) return [id, record];
    const { url: _, ...others } = record;
    return [id, others];
  });
}
