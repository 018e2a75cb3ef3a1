// Collects the figures of a run, and gives a Markdown table and the list of figures that miss their required values.
import { MEMORY_TOLERANCE } from './options';

const HEADINGS = ['figure', 'value', 'must', 'verdict'];

export class Table {
  readonly #rows: string[][] = [];

  /** Records a figure without a requirement. */
  record(figure: string, value: string): void {
    this.#rows.push([figure, value, '–', '–']);
  }

  /** Records a figure that must equal `must`. */
  exact(figure: string, value: number, must: number): void {
    this.#rows.push([figure, String(value), String(must), value === must ? 'met' : 'MISSED']);
  }

  /** Records memory before and after, bytes. It must not grow by more than MEMORY_TOLERANCE. */
  memory(figure: string, before: number, after: number): void {
    const change = before === 0 ? 0 : (after - before) / before;
    const value = `${mebibytes(before)} → ${mebibytes(after)} MiB (${(change * 100).toFixed(1)} %)`;
    const verdict = change <= MEMORY_TOLERANCE ? 'met' : 'MISSED';
    this.#rows.push([figure, value, `≤ +${MEMORY_TOLERANCE * 100} %`, verdict]);
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
