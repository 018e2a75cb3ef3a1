// What of a request names this browser to a server, in Chrome.
import type { NamedBy } from '../forms';

/** The origin of a request is the extension's ID, which is the same for everybody. */
export const headersThatName: NamedBy['headersThatName'] = ['cookie'];
