// What of a request names this browser to a server, in Firefox.
import type { NamedBy } from '../forms';

/** The origin of a request is a number that each installation has of its own: by it, all servers would know the browser. */
export const headersThatName: NamedBy['headersThatName'] = ['cookie', 'origin'];
