// The global of the soak's pages, as the functions that are evaluated there see it.
import type { soak as Soak } from './index';

declare global {
  const soak: typeof Soak;
}
