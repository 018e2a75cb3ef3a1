// Writes the result as a Markdown table.

/** @typedef {ReturnType<typeof import('./row.mjs').judge>} Judged */

const HEADINGS = ['figure', 'PeerJS', 'Peerport', 'ratio or difference', 'must', 'aim', 'verdict'];

/**
 * Medians, with the smallest and the largest sample behind them.
 * @param {Judged[]} rows
 * @returns {string}
 */
export function toMarkdown(rows) {
  const cells = rows.map((row) => [
    row.figure,
    spread(row, row.peerjs),
    spread(row, row.peerport),
    comparison(row),
    limit(row, row.must),
    limit(row, row.aim),
    row.verdict,
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((line) => line[column].length)),
  );
  const line = (/** @type {string[]} */ values) =>
    `| ${values.map((value, column) => value.padEnd(widths[column])).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [HEADINGS, rule, ...cells].map(line).join('\n');
}

/**
 * Lists the figures that the table leaves out.
 * @param {import('./bench.mjs').LeftOut[]} leftOut
 * @returns {string} empty if the table is complete
 */
export function leftOutList(leftOut) {
  return leftOut.map(({ figure, reason }) => `- left out: ${figure}; ${reason}`).join('\n');
}

/**
 * @param {Judged} row
 * @param {Judged['peerjs']} summary
 */
function spread({ digits, unit }, summary) {
  if (!summary) return '–';
  const { median, min, max, count } = summary;
  const range = count > 1 ? ` (${min.toFixed(digits)}–${max.toFixed(digits)})` : '';
  return `${median.toFixed(digits)} ${unit}${range}`;
}

/** @param {Judged} row */
function comparison(row) {
  const { compare, compared, digits, unit } = row;
  if (compare === 'value' || Number.isNaN(compared)) return '–';
  if (compare === 'ratio') return `× ${compared.toFixed(2)}`;
  const sign = compared < 0 ? '−' : '+';
  return `${sign}${Math.abs(compared).toFixed(digits)} ${unit}${byEnd(compare)}`;
}

/** @param {Judged['compare']} compare */
function byEnd(compare) {
  return compare === 'difference by end' ? ' an end' : '';
}

/**
 * @param {Judged} row
 * @param {import('./row.mjs').Limit} [limit]
 */
function limit({ compare, unit }, limit) {
  if (!limit) return '–';
  const [sign, value] = 'atLeast' in limit ? ['≥', limit.atLeast] : ['≤', limit.atMost];
  if (compare === 'ratio') return `${sign} ${value.toFixed(2)}`;
  return `${sign} ${compare !== 'value' && value >= 0 ? '+' : ''}${value} ${unit}${byEnd(compare)}`;
}
