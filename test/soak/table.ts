// The figures of a run as a Markdown table, and those that miss what they must be.
import { MEMORY_TOLERANCE } from './options';

const HEADINGS = ['figure', 'value', 'must', 'verdict'];

export class Table {
  readonly #rows: string[][] = [];

  /** What was done, which can be no failure. */
  note(figure: string, value: string): void {
    this.#rows.push([figure, value, '–', '–']);
  }

  exact(figure: string, value: number, must: number): void {
    this.#rows.push([figure, String(value), String(must), value === must ? 'met' : 'MISSED']);
  }

  /** Bytes before and after. */
  memory(figure: string, before: number, after: number): void {
    const change = before === 0 ? 0 : (after - before) / before;
    const value = `${mebibytes(before)} → ${mebibytes(after)} MiB (${(change * 100).toFixed(1)} %)`;
    const verdict = Math.abs(change) <= MEMORY_TOLERANCE ? 'met' : 'MISSED';
    this.#rows.push([figure, value, `± ${MEMORY_TOLERANCE * 100} %`, verdict]);
  }

  get missed(): string[] {
    return this.#rows.filter(([, , , verdict]) => verdict === 'MISSED').map(([figure, value]) => `${figure}: ${value}`);
  }

  get markdown(): string {
    const widths = HEADINGS.map((heading, column) =>
      Math.max(heading.length, ...this.#rows.map((row) => row[column]!.length)),
    );
    const line = (cells: string[]): string => `| ${cells.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`;
    return [HEADINGS, widths.map((width) => '-'.repeat(width)), ...this.#rows].map(line).join('\n');
  }
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
