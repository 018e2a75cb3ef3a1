import { beforeEach, describe, expect, it, vi } from 'vitest';
import { logger } from '../../../../src/api/safe/logger';

const print = vi.fn();

beforeEach(() => {
  print.mockClear();
  logger.setLogFunction(print);
});

describe('logger', () => {
  it.each([
    [0, []],
    [1, [1]],
    [2, [2, 1]],
    [3, [3, 2, 1]],
  ])('at level %d prints %j', (level, printed) => {
    logger.level = level;
    logger.log('log');
    logger.warn('warning');
    logger.error('error');
    expect(print.mock.calls.map(([printedLevel]) => printedLevel as number)).toEqual(printed);
  });

  it('passes everything to the page’s own function', () => {
    logger.level = 3;
    logger.log('a', 1, null);
    expect(print).toHaveBeenCalledExactlyOnceWith(3, 'a', 1, null);
  });
});
