// The global of the fuzzer's pages, as the functions that are evaluated there see it.
import type { fuzz as Fuzz } from './index';

declare global {
  const fuzz: typeof Fuzz;
}
