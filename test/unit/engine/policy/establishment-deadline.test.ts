import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EstablishmentDeadline } from '../../../../src/engine/policy/establishment-deadline';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

function makeDeadline() {
  const expired = vi.fn();
  return { deadline: new EstablishmentDeadline(expired), expired };
}

describe('EstablishmentDeadline', () => {
  it('expires half a minute after its last start', () => {
    const { deadline, expired } = makeDeadline();
    deadline.start();
    vi.advanceTimersByTime(20_000);
    deadline.start();
    vi.advanceTimersByTime(29_999);
    expect(expired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(expired).toHaveBeenCalledOnce();
  });

  it('does not expire while it is stopped, and starts again', () => {
    const { deadline, expired } = makeDeadline();
    deadline.start();
    deadline.stop();
    vi.advanceTimersByTime(60_000);
    expect(expired).not.toHaveBeenCalled();
    deadline.start();
    vi.advanceTimersByTime(30_000);
    expect(expired).toHaveBeenCalledOnce();
  });

  it('never expires after its end', () => {
    const { deadline, expired } = makeDeadline();
    deadline.start();
    expect(deadline.hasEnded).toBe(false);
    deadline.end();
    deadline.start();
    expect([deadline.hasEnded, vi.getTimerCount()]).toEqual([true, 0]);
    vi.advanceTimersByTime(60_000);
    expect(expired).not.toHaveBeenCalled();
  });
});
