// Tells hosts on this machine or in its local network from those on the internet. The extension reaches both; a page of
// the internet must not reach the former through it unasked. Two questions, because a doubt counts against whoever asks: a
// server that may be private has to be named in a prompt, and a page is local only where no page of the internet could be.
// What a name resolves to is not known here.
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

/** IANA assigns public IPv6 addresses from this range alone (IPv6 Global Unicast Address Assignments). */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/** Domains that are not in the internet's DNS and never will be, by who keeps them out of it. */
const LOCAL_DOMAINS = [
  // RFC 6761
  'localhost',
  'test',
  // RFC 6762: multicast DNS, and the private domains of its appendix G
  'local',
  'intranet',
  'internal',
  'private',
  'corp',
  'home',
  'lan',
  // RFC 8375
  'home.arpa',
  // ICANN, name collision (2018): never to be given out, with corp and home. `internal` is reserved since 2024.
  'mail',
  // What routers and Unix systems add to a name of the network, though nobody has reserved it.
  'localdomain',
];

/**
 * Whether this host counts as one on this machine or in its local network. `hostname` is what `URL.hostname` returns: lower
 * case, IPv4 in four decimal parts, IPv6 in brackets.
 */
export function isPrivateHost(hostname: string): boolean {
  const address = addressOf(hostname);
  return address ? !isPublic(address) : isLocalName(hostname) || carriesLocalAddress(hostname);
}

/** Whether only this machine or its local network can serve a page from this host. `hostname` is what `URL.hostname` returns. */
export function isLocalHost(hostname: string): boolean {
  const address = addressOf(hostname);
  return address ? isLocal(address) : isLocalName(hostname);
}

/** Undefined where the host is a name. */
function addressOf(hostname: string): Address | undefined {
  return parseAddress(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname);
}

function parseAddress(text: string): Address | undefined {
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  // An IPv4 address in IPv6 form is that IPv4 address.
  return ipaddr.process(text);
}

/** Translated and tunnelled addresses (NAT64, 6to4, Teredo) do not count as public, because they lead to any IPv4 address. */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(GLOBAL_UNICAST);
}

function isLocal(address: Address): boolean {
  return LOCAL_RANGES.includes(address.range());
}

/** Also a name without a dot: the machine completes it, or asks its network for it. */
function isLocalName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return !name.includes('.') || LOCAL_DOMAINS.some((domain) => name === domain || name.endsWith(`.${domain}`));
}

/** Four decimal parts with dots or hyphens between, wherever in the name they begin. */
const IPV4_IN_NAME = /(?<!\d)(?=(\d{1,3})([.-])(\d{1,3})\2(\d{1,3})\2(\d{1,3})(?!\d))/g;
/** At the end of a label: elsewhere it is mostly the beginning of a UUID. */
const HEXADECIMAL_IPV4 = /(?<![^.-])[\da-f]{8}(?=\.)/g;

/** Names of services such as nip.io and sslip.io resolve to the address that is written in them, public ones too. */
function carriesLocalAddress(hostname: string): boolean {
  const decimal = Array.from(hostname.matchAll(IPV4_IN_NAME), ([, a, , b, c, d]) => [a, b, c, d].map(Number).join('.'));
  const hexadecimal = Array.from(hostname.matchAll(HEXADECIMAL_IPV4), ([digits]) =>
    [0, 2, 4, 6].map((index) => parseInt(digits.slice(index, index + 2), 16)).join('.'),
  );
  // With hyphens in place of the colons.
  const ipv6 = hostname.split('.').map((label) => label.replaceAll('-', ':'));
  return [...decimal, ...hexadecimal, ...ipv6].some((text) => {
    const address = parseAddress(text);
    return address !== undefined && isLocal(address);
  });
}
