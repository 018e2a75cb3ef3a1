// Firefox's default for saving sites' IDs.
import type { IdDefault } from '../forms';

/** Off: Mozilla's add-on policies require the user's choice before an add-on lets sites identify the user permanently. */
export const KEEPS_IDS: IdDefault['KEEPS_IDS'] = false;
