// The registrable domain of an origin: the part of a host name that an owner registers, below a public suffix such as
// `example` or `co.uk`. The owner can create any number of host names below it, so all of them count as one.
import { getDomain } from 'tldts';

/**
 * Without scheme and port. Sites on shared hosting (`*.github.io` and the other private suffixes of the Public Suffix
 * List) are domains of their own, because they belong to different people. Returns unchanged an IP address, a single
 * label (`localhost`), a public suffix itself, and `null` (a page without a web address).
 */
export function registrableDomain(origin: string): string {
  if (origin === 'null') return origin;
  const { hostname } = new URL(origin);
  return getDomain(hostname, { allowPrivateDomains: true }) ?? hostname;
}
