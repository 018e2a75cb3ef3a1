// Declares `fuzz`, the global of the fuzzer's pages, for functions that a test evaluates there.
import type { fuzz as Fuzz } from './index';

declare global {
  const fuzz: typeof Fuzz;
}
