import { describe, expect, it } from 'vitest';
import { BitrateLimit, type LegReading } from '../../../../src/engine/calls/bitrate-limit';

const STEP_MS = 200;
const PACKETS = 20;

interface Step {
  bitrate: number;
  /** Bits per second, since the last reading. */
  retransmitted?: number;
  /** Wait of each packet since the last reading, seconds. */
  wait?: number;
}

/** Reads once per step, and returns the reported limit of each. */
function tell(...steps: Step[]): (number | undefined)[] {
  const limit = new BitrateLimit();
  const reading: LegReading = { at: 0, bitrate: 0, retransmittedBytes: 0, packets: 0, waited: 0 };
  return steps.map(({ bitrate, retransmitted = 0, wait = 0 }) => {
    reading.at += STEP_MS;
    reading.bitrate = bitrate;
    reading.retransmittedBytes += (retransmitted * STEP_MS) / 8000;
    reading.packets += PACKETS;
    reading.waited += wait * PACKETS;
    return limit.next({ ...reading });
  });
}

describe('BitrateLimit', () => {
  it('is the bandwidth without headers, and is reported only when it changes notably', () => {
    const reported = tell({ bitrate: 1_000_000 }, { bitrate: 1_010_000 }, { bitrate: 500_000 });
    expect(reported).toEqual([950_000, undefined, 475_000]);
  });

  it('leaves room for retransmissions at once, up to half, and forgets them over time', () => {
    const [, first, ...later] = tell(
      { bitrate: 1_000_000 },
      { bitrate: 1_000_000, retransmitted: 900_000 },
      ...Array.from({ length: 12 }, () => ({ bitrate: 1_000_000 })),
    );
    expect(first).toBe(475_000);
    expect(later.filter((limit) => limit !== undefined).at(-1)).toBeGreaterThan(850_000);
  });

  it('falls while packets wait, but not because of a single keyframe', () => {
    const bitrate = 1_000_000;
    const reported = tell(
      { bitrate },
      { bitrate, wait: 0.3 },
      { bitrate },
      { bitrate, wait: 0.2 },
      { bitrate, wait: 0.3 },
    );
    expect(reported).toEqual([950_000, undefined, undefined, undefined, 475_000]);
  });

  it('never falls below the least for a picture', () => {
    expect(tell({ bitrate: 10_000 })).toEqual([50_000]);
    expect(tell({ bitrate: 300_000 }, { bitrate: 300_000, wait: 2 }, { bitrate: 300_000, wait: 2 })).toEqual([
      285_000,
      undefined,
      50_000,
    ]);
  });
});
