// The globals of a test page, as the functions that the specs evaluate there see them.
import type { kit as Kit } from './kit';

declare global {
  const kit: typeof Kit;
}
