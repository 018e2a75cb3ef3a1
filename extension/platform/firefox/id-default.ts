// Whether IDs of sites are kept where the user has said nothing, in Firefox.
import type { IdDefault } from '../forms';

/** Mozilla's policies for add-ons want the user to choose before anything identifies them to a site for good. */
export const KEEPS_IDS: IdDefault['KEEPS_IDS'] = false;
