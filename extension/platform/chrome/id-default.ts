// Chrome's default for saving sites' IDs.
import type { IdDefault } from '../forms';

/** On: an allowed site is expected to let other people find the user again. The prompt says so, and can turn it off. */
export const KEEPS_IDS: IdDefault['KEEPS_IDS'] = true;
