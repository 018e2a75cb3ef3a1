// Tells hosts on this machine or in its local network from those on the internet. The extension reaches both, a page
// of the internet must not reach the former through it. Names that only resolve to such an address are not told.

/** The first parts and the prefix length, bits, of each IPv4 block that is not the internet (RFC 6890). */
const PRIVATE_IPV4: [parts: number[], prefix: number][] = [
  [[0], 8],
  [[10], 8],
  [[100, 64], 10],
  [[127], 8],
  [[169, 254], 16],
  [[172, 16], 12],
  [[192, 168], 16],
];

/** `hostname` as a URL object gives it: lower case, IPv4 in four decimal parts, IPv6 in brackets and compressed. */
export function isPrivateHost(hostname: string): boolean {
  if (hostname.startsWith('[')) return isPrivateIpv6(hostname.slice(1, -1));
  const name = hostname.replace(/\.$/, '');
  return /(^|\.)(localhost|local)$/.test(name) || isPrivateIpv4(name);
}

function isPrivateIpv4(address: string): boolean {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(address)) return false;
  const value = ipv4Value(address.split('.').map(Number));
  return PRIVATE_IPV4.some(([parts, prefix]) => {
    const size = 2 ** (32 - prefix);
    return Math.floor(value / size) === Math.floor(ipv4Value(parts) / size);
  });
}

/** As one number; parts that are missing count as 0. */
function ipv4Value(parts: number[]): number {
  return [0, 1, 2, 3].reduce((value, index) => value * 256 + (parts[index] ?? 0), 0);
}

function isPrivateIpv6(address: string): boolean {
  const groups = ipv6Groups(address);
  const [first = 0] = groups;
  const isUniqueLocal = (first & 0xfe00) === 0xfc00;
  const isLinkLocal = (first & 0xffc0) === 0xfe80;
  if (isUniqueLocal || isLinkLocal) return true;
  // Unspecified, loopback, and IPv4 inside IPv6: all of them begin with five groups of zeros.
  if (groups.slice(0, 5).some((group) => group !== 0)) return false;
  const [, , , , , sixth = 0, seventh = 0, eighth = 0] = groups;
  const embedded = [seventh >> 8, seventh & 255, eighth >> 8, eighth & 255].join('.');
  return (sixth === 0xffff || sixth === 0) && isPrivateIpv4(embedded);
}

/** The eight groups of an address, of which `::` leaves out zeros. */
function ipv6Groups(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}
