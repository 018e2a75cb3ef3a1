// The request headers that identify this browser to a server, in Firefox.
import type { NamedBy } from '../forms';

/** With `origin`: it contains a UUID unique to the installation, by which any server could recognize the browser. */
export const headersThatName: NamedBy['headersThatName'] = ['cookie', 'origin'];
