// Seeded random values of every kind that BinaryPack has a type for.

/** A generator of numbers in [0, 1) that gives the same run for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomValue(random: () => number, depth = 3): unknown {
  const below = (limit: number): number => Math.floor(random() * limit);
  switch (below(depth > 0 ? 9 : 6)) {
    case 0:
      return randomNumber(random);
    case 1:
      return randomText(random);
    case 2:
      return random() < 0.5;
    case 3:
      return null;
    case 4:
      return new Uint8Array(below(300)).map(() => below(256)).buffer;
    case 5:
      return new Float32Array(below(40)).map(() => random());
    case 6:
    case 7:
      return Array.from({ length: below(20) }, () => randomValue(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: below(20) }, () => [randomText(random), randomValue(random, depth - 1)]),
      );
  }
}

function randomNumber(random: () => number): number {
  const magnitude = 2 ** Math.floor(random() * 65);
  const signed = (random() - 0.5) * magnitude;
  return random() < 0.6 ? Math.trunc(signed) : signed;
}

function randomText(random: () => number): string {
  const alphabet = ['a', 'Z', ' ', 'é', '€', '漢', '😀', '\ud800', '\0'];
  const length = Math.floor(random() ** 4 * 400);
  const first = Math.floor(random() * alphabet.length);
  return Array.from({ length }, (_, n) => alphabet[(first + n * n) % (random() < 0.5 ? 2 : alphabet.length)]).join('');
}
