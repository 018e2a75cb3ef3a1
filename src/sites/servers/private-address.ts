// Distinguishes hosts on this machine or in its local network from hosts on the internet. The extension reaches both,
// and an internet page must not reach a private host through it without a prompt. There are two questions, so that
// doubt counts against the page: a server that may be private needs a prompt (`isPrivateHost`), and a page is local
// only if no page of the internet could have its host (`isLocalHost`). Names are not resolved here.
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Ranges (by their names in ipaddr.js) whose addresses are always on this machine or in its network. */
const LOCAL_RANGES: readonly string[] = [
  'unspecified',
  'loopback',
  'private',
  'linkLocal',
  'uniqueLocal',
  'carrierGradeNat',
];

/** The only range of public IPv6 addresses (IANA, IPv6 Global Unicast Address Assignments). */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/** Domains that are not in the internet's DNS and never will be, grouped by the reason. */
const LOCAL_DOMAINS = [
  // RFC 6761
  'localhost',
  'test',
  // RFC 6762: multicast DNS, and the private domains in appendix G
  'local',
  'intranet',
  'internal',
  'private',
  'corp',
  'home',
  'lan',
  // RFC 8375
  'home.arpa',
  // ICANN, name collision (2018): never delegated, like corp and home. `internal` is reserved since 2024.
  'mail',
  // Not reserved, but routers and Unix systems append it to local names.
  'localdomain',
];

/**
 * Whether this host may be on this machine or in its local network. `hostname`: as `URL.hostname` returns it: lower
 * case, IPv4 in four decimal parts, IPv6 in brackets.
 */
export function isPrivateHost(hostname: string): boolean {
  const address = addressOf(hostname);
  return address ? !isPublic(address) : isLocalName(hostname) || carriesLocalAddress(hostname);
}

/**
 * Whether only this machine or its local network can serve a page from this host. `hostname`: as `URL.hostname` returns
 * it.
 */
export function isLocalHost(hostname: string): boolean {
  const address = addressOf(hostname);
  return address ? isLocal(address) : isLocalName(hostname);
}

/** Undefined if the host is a name. */
function addressOf(hostname: string): Address | undefined {
  return parseAddress(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname);
}

function parseAddress(text: string): Address | undefined {
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  // Converts an IPv4 address in IPv6 form to IPv4.
  return ipaddr.process(text);
}

/** Translated and tunneled addresses (NAT64, 6to4, Teredo) are not public, because they lead to any IPv4 address. */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(GLOBAL_UNICAST);
}

function isLocal(address: Address): boolean {
  return LOCAL_RANGES.includes(address.range());
}

/** Names without a dot are local too: the machine completes them or asks its network. */
function isLocalName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return !name.includes('.') || LOCAL_DOMAINS.some((domain) => name === domain || name.endsWith(`.${domain}`));
}

/** Four decimal parts separated by dots or hyphens, anywhere in the name. */
const IPV4_IN_NAME = /(?<!\d)(?=(\d{1,3})([.-])(\d{1,3})\2(\d{1,3})\2(\d{1,3})(?!\d))/g;
/** Only at the end of a label: elsewhere it usually starts a UUID. */
const HEXADECIMAL_IPV4 = /(?<![^.-])[\da-f]{8}(?=\.)/g;

/** Names of services like nip.io and sslip.io resolve to the address in the name. Only local addresses count here. */
function carriesLocalAddress(hostname: string): boolean {
  const decimal = Array.from(hostname.matchAll(IPV4_IN_NAME), ([, a, , b, c, d]) => [a, b, c, d].map(Number).join('.'));
  const hexadecimal = Array.from(hostname.matchAll(HEXADECIMAL_IPV4), ([digits]) =>
    [0, 2, 4, 6].map((index) => parseInt(digits.slice(index, index + 2), 16)).join('.'),
  );
  // IPv6 has hyphens in place of colons there.
  const ipv6 = hostname.split('.').map((label) => label.replaceAll('-', ':'));
  return [...decimal, ...hexadecimal, ...ipv6].some((text) => {
    const address = parseAddress(text);
    return address !== undefined && isLocal(address);
  });
}
