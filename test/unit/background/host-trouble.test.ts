import { describe, expect, it } from 'vitest';
import { HostTrouble } from '../../../extension/background/host-trouble';
import { MemoryStore } from '../../support/fakes/memory-store';

const failure = new Error('no memory');

describe('trouble with the host', () => {
  it('is there from a request that failed until one that did not', async () => {
    const trouble = new HostTrouble(new MemoryStore());
    expect(await trouble.isThere()).toBe(false);
    await expect(trouble.watch(Promise.reject(failure))).rejects.toBe(failure);
    expect(await trouble.isThere()).toBe(true);
    expect(await trouble.watch(Promise.resolve('ticket'))).toBe('ticket');
    expect(await trouble.isThere()).toBe(false);
  });

  it('outlives the worker, and its end is seen by the next one', async () => {
    const session = new MemoryStore();
    await expect(new HostTrouble(session).watch(Promise.reject(failure))).rejects.toBe(failure);
    const next = new HostTrouble(session);
    expect(await next.isThere()).toBe(true);
    await next.watch(Promise.resolve());
    expect(session.records).toEqual({});
  });
});
