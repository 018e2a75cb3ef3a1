import { describe, expect, it } from 'vitest';
import { checkMark, WRITING_TIME_MS } from '../../../../src/sites/identities/site-mark';

const HERE = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const NOW = 1_000_000;

describe('checkMark', () => {
  it('gives a new mark whose absence does not count before it can have been written', () => {
    const { mark, isCleared } = checkMark(undefined, undefined, NOW, NOW);
    expect(isCleared).toBe(false);
    expect(mark).toEqual({
      value: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      countsFrom: NOW + WRITING_TIME_MS,
    });
    expect(checkMark(undefined, undefined, NOW, NOW).mark.value).not.toBe(mark.value);
  });

  it('adopts a mark that the storage already has, because frames of several sites may share it', () => {
    const check = checkMark(undefined, HERE, NOW, NOW);
    expect(check).toEqual({ mark: { value: HERE, countsFrom: NOW }, isCleared: false });
  });

  it('changes nothing while the mark is present', () => {
    const kept = { value: HERE, countsFrom: NOW - 1 };
    expect(checkMark(kept, HERE, NOW, NOW)).toEqual({ mark: kept, isCleared: false });
    expect(checkMark(kept, HERE, NOW, NOW).mark).toBe(kept);
  });

  it('counts the absence of a mark once a document has shown it', () => {
    const given = { value: HERE, countsFrom: NOW + WRITING_TIME_MS };
    const { mark } = checkMark(given, HERE, NOW + 5, NOW + 5);
    expect(mark).toEqual({ value: HERE, countsFrom: NOW + 5 });
    expect(checkMark(mark, undefined, NOW + 6, NOW + 6).isCleared).toBe(true);
  });

  it.each([
    ['is missing', undefined],
    ['is another', OTHER],
  ])('detects cleared data if the mark %s, and returns another mark', (_how, shown) => {
    const { mark, isCleared } = checkMark({ value: HERE, countsFrom: NOW }, shown, NOW + 1, NOW + 1);
    expect(isCleared).toBe(true);
    expect(mark.value).not.toBe(HERE);
    if (shown !== undefined) expect(mark).toEqual({ value: shown, countsFrom: NOW + 1 });
  });

  it('detects a cleared storage even if no document ever showed the mark, once there was time to write it', () => {
    const given = { value: HERE, countsFrom: NOW + WRITING_TIME_MS };
    const late = NOW + WRITING_TIME_MS;
    expect(checkMark(given, undefined, late - 1, late - 1)).toEqual({ mark: given, isCleared: false });
    expect(checkMark(given, undefined, late, late).isCleared).toBe(true);
  });

  it('ignores a document that looked before the mark was given, however long it waited', () => {
    const kept = { value: HERE, countsFrom: NOW };
    expect(checkMark(kept, undefined, NOW - 60_000, NOW + 60_000)).toEqual({ mark: kept, isCleared: false });
  });

  it('adopts the mark of the storage if two were given at once', () => {
    const given = { value: HERE, countsFrom: NOW + WRITING_TIME_MS };
    expect(checkMark(given, OTHER, NOW + 5, NOW + 5)).toEqual({
      mark: { value: OTHER, countsFrom: NOW + 5 },
      isCleared: false,
    });
  });

  it('counts the absence of a mark that a wrong clock has dated far in the future', () => {
    const given = { value: HERE, countsFrom: NOW + 365 * 86_400_000 };
    expect(checkMark(given, undefined, NOW, NOW).isCleared).toBe(true);
  });
});
