// Sorts and searches the sites for the table.
import type { SiteName, SiteRow } from '../../src/protocol/ui-messages';

export type SiteColumn = 'site' | 'decision' | 'decidedAt' | 'identities';

export interface SiteOrder {
  column: SiteColumn;
  isDescending: boolean;
}

export function keyOf({ origin, ancestors, topOrigin }: SiteName): string {
  return JSON.stringify([origin, ancestors, topOrigin]);
}

/** The sites whose names contain every word of `query`. */
export function matching(rows: readonly SiteRow[], query: string): SiteRow[] {
  const words = query.toLowerCase().split(/\s+/);
  return rows.filter((row) => {
    const name = origins(row).join(' ').toLowerCase();
    return words.every((word) => name.includes(word));
  });
}

/** Returns a sorted copy. Sites with equal values in the column are sorted by name. */
export function inOrder(rows: readonly SiteRow[], { column, isDescending }: SiteOrder): SiteRow[] {
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(a, b, column) || compareNames(a, b));
}

function compare(a: SiteRow, b: SiteRow, column: SiteColumn): number {
  switch (column) {
    case 'site':
      return compareNames(a, b);
    case 'decision':
      return a.decision.localeCompare(b.decision);
    case 'decidedAt':
      return (a.decidedAt ?? 0) - (b.decidedAt ?? 0);
    case 'identities':
      return a.identities.length - b.identities.length;
    default:
      return column satisfies never;
  }
}

function compareNames(a: SiteName, b: SiteName): number {
  const around = (site: SiteName) => origins(site).slice(1).reverse().join(' ');
  return readable(a.origin).localeCompare(readable(b.origin)) || around(a).localeCompare(around(b));
}

/** The site's own origin, then the origins around it from the inside out. */
function origins({ origin, ancestors = [], topOrigin }: SiteName): string[] {
  return [origin, ...ancestors, ...(topOrigin === undefined ? [] : [topOrigin])];
}

/** The origin without its scheme: people look for the host. */
function readable(origin: string): string {
  return origin.replace(/^https?:\/\//, '');
}
