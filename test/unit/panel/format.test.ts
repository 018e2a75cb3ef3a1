import { describe, expect, it, vi } from 'vitest';
import { formatBytes, formatDuration, formatMilliseconds, formatRate } from '../../../extension/panel/format';

vi.mock('../../../extension/platform/i18n', () => ({ text: () => 'en' }));

describe('formatted figures', () => {
  it.each([
    [0, '0 kB'],
    [949, '0.9 kB'],
    [9_940, '9.9 kB'],
    [23_400, '23 kB'],
    [1_000_000, '1 MB'],
    [1_540_000_000, '1.5 GB'],
    [7e15, '7,000 TB'],
  ])('show %d bytes as %s', (bytes, written) => {
    expect(formatBytes(bytes)).toBe(written);
  });

  it('show a rate', () => {
    expect(formatRate(1_250_000)).toBe('1.3 MB/s');
  });

  it('show a round trip', () => {
    expect(formatMilliseconds(12.4)).toBe('12 ms');
  });

  it.each([
    [0, '0:00'],
    [42_999, '0:42'],
    [3_599_000, '59:59'],
    [3_723_000, '1:02:03'],
    [360_000_000, '100:00:00'],
  ])('show %d ms as %s', (milliseconds, written) => {
    expect(formatDuration(milliseconds)).toBe(written);
  });
});
