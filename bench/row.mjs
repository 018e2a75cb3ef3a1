// A row of the table: the samples of both sides, how they are compared, and the limits of the comparison.
import { summarise } from './statistics.mjs';

/**
 * @typedef {object} Row
 * @property {string} figure
 * @property {string} unit
 * @property {number} digits after the point
 * @property {Partial<Record<import('./side.mjs').SideName, number[]>>} samples
 * @property {'ratio' | 'difference' | 'difference by end' | 'value'} compare by medians: Peerport ÷ PeerJS; Peerport − PeerJS;
 *   half of that difference, for figures with Peerport at both ends; or Peerport alone
 * @property {Limit} [must]
 * @property {Limit} [aim]
 */

/** @typedef {{ atLeast: number } | { atMost: number }} Limit */
/** @typedef {'aim met' | 'must met' | 'MISSED' | '–'} Verdict */

/** @param {Row} row */
export function judge(row) {
  const { PeerJS, Peerport } = row.samples;
  const peerjs = PeerJS && summarise(PeerJS);
  const peerport = Peerport && summarise(Peerport);
  const compared = compare(row.compare, peerjs?.median ?? NaN, peerport?.median ?? NaN);
  return { ...row, peerjs, peerport, compared, verdict: verdictOn(compared, row) };
}

/**
 * @param {Row['compare']} kind
 * @param {number} peerjs
 * @param {number} peerport
 */
function compare(kind, peerjs, peerport) {
  switch (kind) {
    case 'ratio':
      return peerport / peerjs;
    case 'difference':
      return peerport - peerjs;
    case 'difference by end':
      return (peerport - peerjs) / 2;
    case 'value':
      return peerport;
  }
}

/**
 * @param {number} compared
 * @param {Pick<Row, 'must' | 'aim'>} limits
 * @returns {Verdict}
 */
function verdictOn(compared, { must, aim }) {
  if (!must) return '–';
  if (aim && keeps(compared, aim)) return 'aim met';
  return keeps(compared, must) ? 'must met' : 'MISSED';
}

/** @param {number} value @param {Limit} limit */
function keeps(value, limit) {
  return 'atLeast' in limit ? value >= limit.atLeast : value <= limit.atMost;
}
