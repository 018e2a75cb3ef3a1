// The order of measurements.

/**
 * Measures every contender `count` times in turns (A B C, C B A, A B C …), so that a machine that becomes slower or faster favours
 * none of them.
 * @template {{ name: string }} C
 * @template T
 * @param {C[]} contenders
 * @param {number} count
 * @param {(contender: C) => Promise<T>} measure
 * @returns {Promise<Record<C['name'], T[]>>}
 */
export async function takeTurns(contenders, count, measure) {
  const results = /** @type {Record<C['name'], T[]>} */ (
    Object.fromEntries(contenders.map(({ name }) => [name, /** @type {T[]} */ ([])]))
  );
  for (let round = 0; round < count; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) results[/** @type {C['name']} */ (contender.name)].push(await measure(contender));
  }
  return results;
}
