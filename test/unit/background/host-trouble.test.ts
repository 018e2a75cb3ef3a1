import { describe, expect, it } from 'vitest';
import { HostTrouble } from '../../../extension/background/host-trouble';
import { MemoryStore } from '../../support/fakes/memory-store';

const failure = new Error('no memory');

describe('trouble with the host', () => {
  it('is recorded from a failed request until a successful one', async () => {
    const trouble = new HostTrouble(new MemoryStore());
    expect(await trouble.isThere()).toBe(false);
    await expect(trouble.watch(Promise.reject(failure))).rejects.toBe(failure);
    expect(await trouble.isThere()).toBe(true);
    expect(await trouble.watch(Promise.resolve('ticket'))).toBe('ticket');
    expect(await trouble.isThere()).toBe(false);
  });

  it('survives the worker, and can be cleared by the next worker', async () => {
    const session = new MemoryStore();
    await expect(new HostTrouble(session).watch(Promise.reject(failure))).rejects.toBe(failure);
    const next = new HostTrouble(session);
    expect(await next.isThere()).toBe(true);
    await next.watch(Promise.resolve());
    expect(session.records).toEqual({});
  });
});
