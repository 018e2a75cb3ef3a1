import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const TEXT = readFileSync('SECURITY.md', 'utf8');
/** The rows of the table, without its head. */
const ROWS = TEXT.split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2);

/** A file, and the title of a test in it; `…` at the end of the title stands for what differs from case to case. */
const REFERENCE = /`(test\/[^`]+)` \*([^*]+)\*/g;

function holdsTest(file: string, title: string): boolean {
  const source = readFileSync(file, 'utf8');
  const begins = title.endsWith('…');
  return ["'", '"', '`'].some((quote) => source.includes(quote + (begins ? title.slice(0, -1) : title + quote)));
}

describe('SECURITY.md', () => {
  it('names tests that exist', () => {
    const references = [...TEXT.matchAll(REFERENCE)].map(([, file, title]) => [file!, title!] as const);
    expect(references.length).toBeGreaterThanOrEqual(ROWS.length);
    expect(references.filter(([file, title]) => !holdsTest(file, title))).toEqual([]);
  });

  it('names a test in every row', () => {
    expect(ROWS.length).toBeGreaterThan(0);
    expect(ROWS.filter((row) => !row.match(REFERENCE))).toEqual([]);
  });

  it('would notice one that does not exist', () => {
    expect(holdsTest('test/unit/engine/token.test.ts', 'differs by nothing')).toBe(false);
    expect(holdsTest('test/unit/engine/token.test.ts', 'differs …')).toBe(true);
  });
});
