// A connection's statistics as its page may see them.

/**
 * Removes the URLs of ICE servers, because the servers may be the user's own. Nothing else in a browser's statistics
 * names a server.
 */
export function statsForPage(stats: [id: string, stats: unknown][]): [id: string, stats: unknown][] {
  return stats.map(([id, record]) => {
    if (typeof record !== 'object' || record === null || !('url' in record)) return [id, record];
    const { url: _, ...others } = record;
    return [id, others];
  });
}
