// The request headers that identify this browser to a server, in Chrome.
import type { NamedBy } from '../forms';

/** Without `origin`: it contains the extension's ID, which is the same for every user. */
export const headersThatName: NamedBy['headersThatName'] = ['cookie'];
