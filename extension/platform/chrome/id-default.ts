// Whether IDs of sites are kept where the user has said nothing, in Chrome.
import type { IdDefault } from '../forms';

/** What a site that the user has allowed is expected to do: others find them again. The prompt says it, and can say no. */
export const KEEPS_IDS: IdDefault['KEEPS_IDS'] = true;
