// Changes valid messages in one to three places, so that the result still resembles a valid message: a guard that
// checks only the first member would accept it.
import type { Random } from './random';

/**
 * Depths of nesting: ordinary, above the permitted depth, and too deep for structured clone and most recursive code.
 */
const DEPTHS = [10, 200, 1000, 4000, 20_000];

const NUMBERS = [
  ...[0, -0, -1, 1, 0.5, 1e-300, 1e300, NaN, Infinity, -Infinity],
  ...[255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, -(2 ** 53), 2 ** 63],
];

const TEXTS = [
  ...['', ' ', '0', '-1', 'x', 'null', '__proto__', 'constructor', 'toString', 'length', 'then'],
  ...['\u0000', '\r\n', '\ud800', 'é'.repeat(40), '/', '//', '#', '?', '@', '..', '%00', '127.0.0.1', '[::1]'],
  ...['{}', '[]', '"', '<script>', '*', '${x}', 'data:,', 'javascript:0'],
];

const LENGTHS = [100, 1025, 65_537, 1 << 20, (1 << 20) + 1];

/** An arbitrary value, usually of an unexpected type. `isJson`: only values that JSON can carry. */
function unexpectedValue(random: Random, isJson: boolean): unknown {
  const makers: (() => unknown)[] = [
    () => null,
    () => random.chance(0.5),
    () => random.pick(NUMBERS),
    () => random.pick(TEXTS),
    () => longText(random),
    () => [],
    () => ({}),
    () => [random.pick(TEXTS), random.pick(NUMBERS)],
    () => ({ [random.pick(TEXTS)]: random.pick(NUMBERS), length: random.pick(NUMBERS) }),
    () => nested(random.pick(DEPTHS), random.chance(0.5)),
    () => Array.from({ length: random.pick([3, 300, 70_000]) }, () => 0),
  ];
  if (!isJson) makers.push(...cloneable(random));
  return random.pick(makers)();
}

/** Makers of values that structured clone can carry and JSON cannot. */
function cloneable(random: Random): (() => unknown)[] {
  return [
    () => undefined,
    () => random.pick([0n, -(2n ** 70n)]),
    () => new Date(random.pick(NUMBERS)),
    () => /(a+)+$/,
    () => new Map<unknown, unknown>([[random.pick(TEXTS), new Set([random.pick(NUMBERS)])]]),
    () => new Error(random.pick(TEXTS)),
    () => random.bytes(random.pick([0, 1, 17, 70_000])).buffer,
    () => new Float64Array(random.below(9)),
    () => new DataView(new ArrayBuffer(8), 3),
    () => new Blob([random.pick(TEXTS)]),
    // An array with no items but a length of more than four billion.
    () => new Array<never>(2 ** 32 - 1),
    () => {
      const circle: { self?: unknown } = {};
      circle.self = circle;
      return circle;
    },
    () => new Boolean(true),
    () => Object.assign(new Array<unknown>(3), { extra: 1 }),
  ];
}

function longText(random: Random): string {
  return random.pick(['x', 'é', '\n', '[', 'm=']).repeat(random.pick(LENGTHS));
}

/** Built without recursion, which would overflow the stack. */
function nested(depth: number, inObjects: boolean): unknown {
  let value: unknown = 0;
  for (let n = 0; n < depth; n++) value = inObjects ? { a: value } : [value];
  return value;
}

/** A copy of the value with changes in one to three places. */
export function mutated(value: unknown, random: Random, isJson = false): unknown {
  let changed = value;
  for (let n = random.pick([1, 1, 1, 2, 3]); n > 0; n--) changed = mutatedAtOnePlace(changed, random, isJson);
  return changed;
}

function mutatedAtOnePlace(value: unknown, random: Random, isJson: boolean): unknown {
  const members = membersOf(value);
  // Descends most of the time, so that changes occur at every depth.
  if (members.length > 0 && random.chance(0.7)) {
    const [key, member] = random.pick(members);
    return withMember(value as object, key, mutatedAtOnePlace(member, random, isJson));
  }
  if (typeof value === 'string' && random.chance(0.6)) return mutatedText(value, random);
  if (typeof value === 'number' && random.chance(0.6)) {
    return random.pick([value + 1, value - 1, -value, value * 2 ** 33, value + 0.5, String(value)]);
  }
  if (value instanceof ArrayBuffer && random.chance(0.8)) return mutatedBytes(new Uint8Array(value), random).buffer;
  if (members.length > 0 && random.chance(0.7)) return mutatedMembers(value as object, members, random, isJson);
  return unexpectedValue(random, isJson);
}

function membersOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  const prototype: unknown = Object.getPrototypeOf(value);
  // Copying an array with billions of holes would never end.
  if (Array.isArray(value)) return value.length > 100_000 ? [] : Object.entries(value);
  return prototype === Object.prototype ? Object.entries(value) : [];
}

function withMember(value: object, key: string, member: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, index) => (String(index) === key ? member : item));
  return Object.fromEntries(Object.entries(value).map(([name, old]) => [name, name === key ? member : old]));
}

/** Drops, duplicates, renames, replaces, adds or reorders members. */
function mutatedMembers(value: object, members: [string, unknown][], random: Random, isJson: boolean): unknown {
  const [key, member] = random.pick(members);
  const others = members.filter(([name]) => name !== key);
  const other = random.pick(members);
  const changed = random.pick<() => [string, unknown][]>([
    () => others,
    () => [...members, [random.pick(TEXTS), member]],
    () => [...others, [random.pick(TEXTS), member]],
    () => [...others, [key, other[1]]],
    () => [...members, [random.pick(TEXTS), unexpectedValue(random, isJson)]],
    () => random.shuffled(members),
  ])();
  if (Array.isArray(value)) return changed.map(([, item]) => item);
  // Assignment would set the prototype; `fromEntries` makes `__proto__` an ordinary member.
  return Object.fromEntries(changed);
}

export function mutatedText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  return random.pick([
    () => text.slice(0, at),
    () => text.slice(at),
    () => text + text,
    () => text.slice(0, at) + random.pick(TEXTS) + text.slice(at),
    () => text + longText(random),
    () => random.pick(TEXTS),
    () => text.toUpperCase(),
  ])();
}

export function mutatedBytes(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  const copy = bytes.slice();
  return random.pick<() => Uint8Array<ArrayBuffer>>([
    () => copy.slice(0, at),
    () => copy.slice(at),
    () => joined(copy.slice(0, at), random.bytes(random.between(1, 9)), copy.slice(at)),
    () => joined(copy, copy),
    () => {
      for (let n = random.between(1, 8); n > 0; n--) copy[random.below(copy.length)]! ^= 1 << random.below(8);
      return copy;
    },
    () => {
      // Changes the first bytes, which hold types and lengths.
      copy.set(random.bytes(Math.min(copy.length, random.between(1, 5))));
      return copy;
    },
    () => random.bytes(random.pick([0, 1, 5, 300])),
  ])();
}

export function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Like `JSON.stringify`, but serializes values of `nested` without recursion, at any depth. */
export function jsonText(value: unknown): string {
  const deep: string[] = [];
  const text = JSON.stringify(value, (_key, member: unknown) => {
    const serialized = serializedIfDeep(member);
    if (serialized === undefined) return member;
    return `\u0001deep${deep.push(serialized) - 1}\u0001`;
  }) as string | undefined;
  return (text ?? 'null').replace(/"\\u0001deep(\d+)\\u0001"/g, (_, index: string) => deep[Number(index)]!);
}

/** The JSON text of a value of `nested` that is more than 100 deep. Undefined for all other values. */
function serializedIfDeep(value: unknown): string | undefined {
  let depth = 0;
  let opening = '';
  let closing = '';
  let inner = value;
  while (typeof inner === 'object' && inner !== null) {
    const isArray = Array.isArray(inner);
    const members = isArray ? (inner as unknown[]) : Object.entries(inner);
    if (members.length !== 1) break;
    const [key, member] = isArray ? ['', members[0]] : (members[0] as [string, unknown]);
    opening += isArray ? '[' : `{${JSON.stringify(key)}:`;
    closing = (isArray ? ']' : '}') + closing;
    inner = member;
    depth += 1;
  }
  return depth > 100 ? opening + JSON.stringify(inner) + closing : undefined;
}
