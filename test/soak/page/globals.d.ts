// Declares `soak`, the global of the soak's pages, for functions that a test evaluates there.
import type { soak as Soak } from './index';

declare global {
  const soak: typeof Soak;
}
