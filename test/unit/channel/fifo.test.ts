import { describe, expect, it } from 'vitest';
import { Fifo } from '../../../src/channel/fifo';
import { seededRandom } from '../../support/random-values';

describe('Fifo', () => {
  it('behaves like an array with push and shift', () => {
    const random = seededRandom(1);
    const fifo = new Fifo<number>();
    const model: number[] = [];
    for (let step = 0; step < 50_000; step++) {
      const roll = random();
      if (roll < (step % 20_000 < 10_000 ? 0.7 : 0.3)) {
        fifo.push(step);
        model.push(step);
      } else if (roll < 0.9999) {
        if (fifo.shift() !== model.shift()) expect.fail(`step ${step}`);
      } else {
        expect(fifo.drain()).toEqual(model.splice(0));
      }
      if (fifo.length !== model.length || fifo.head !== model[0]) expect.fail(`step ${step}`);
    }
    expect(fifo.drain()).toEqual(model);
  });

  it('returns nothing when it is empty', () => {
    const fifo = new Fifo<number>();
    expect([fifo.length, fifo.head, fifo.shift(), fifo.drain()]).toEqual([0, undefined, undefined, []]);
  });

  it('does not drain an item that was taken', () => {
    const fifo = new Fifo<number>();
    fifo.push(1);
    fifo.shift();
    expect(fifo.drain()).toEqual([]);
  });
});
