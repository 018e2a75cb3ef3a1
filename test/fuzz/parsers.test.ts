// Everything that reads what pages, peers, servers, files and administrators write, fed with mutated messages in one process:
// many more of them than the browser can take. Each must come to an end, soon, with a value or an error of a name that
// its caller knows.
import { describe, expect, it } from 'vitest';
import { mediaSections, streamsOf, withCodecs, withStartBitrate, withStreams } from '../../src/engine/calls/call-sdp';
import { ChunkViolation } from '../../src/engine/data/chunk-assembler';
import { createReader } from '../../src/engine/data/incoming-reader';
import { OutgoingStream, StreamViolation } from '../../src/engine/data/outgoing-stream';
import { withRelaysAlone } from '../../src/engine/policy/relay-only-signals';
import { parseServerMessage } from '../../src/engine/signalling/server-messages';
import { pack } from '../../src/codec/packer';
import { unpack, UnpackError } from '../../src/codec/unpacker';
import { Backups } from '../../src/sites/backup';
import { managedSite, parseManaged } from '../../src/sites/policy/managed-policy';
import { PolicyBook } from '../../src/sites/policy/policy';
import { WriteQueue } from '../../src/sites/records/write-queue';
import { MAX_SDP_LENGTH } from '../../src/protocol/bounds';
import { parsePageMessage, parsePeerStart } from '../../src/protocol/page-messages';
import { MemoryStore } from '../support/fakes/memory-store';
import { mutated, mutatedBytes } from './mutate';
import { ITERATIONS, repetition, SEED } from './options';
import { Random } from './random';
import { randomValue } from '../support/random-values';
import { hostileFrames, packedBytes, SERIALIZATIONS } from './samples/frames';
import { peerStart, randomPageMessage, type PageWorld } from './samples/page-messages';
import { backupText, managedSettings } from './samples/records';
import { candidateText, mutatedSdp, sessionDescription } from './samples/sdp';
import { serverFrame } from './samples/signals';

/** Milliseconds that one input may take to be made and read: the largest take 2000 on a busy machine, a loop without end all. */
const SLOW_MS = 20_000;

const WORLD: PageWorld = {
  server: { host: '127.0.0.1', port: 9000, path: '/', key: 'peerjs', secure: false },
  remoteIds: ['remote', ''],
};

/** Runs `attempt` with the choices of each step; what it throws, and how long it takes, is said with the step. */
async function repeat(attempt: (random: Random) => void | Promise<void>): Promise<void> {
  for (let step = 0; step < ITERATIONS; step++) {
    const startedAt = performance.now();
    try {
      await attempt(new Random(SEED, step));
    } catch (cause) {
      throw new Error(`seed ${SEED}, step ${step}: ${String(cause)}`, { cause });
    }
    const took = performance.now() - startedAt;
    if (took > SLOW_MS) throw new Error(`seed ${SEED}, step ${step} took ${took.toFixed(0)} ms`);
  }
}

/** Text beyond U+10FFFF, of which peerjs-js-binarypack's decoder makes this, too. */
const BadText = {
  [Symbol.hasInstance]: (error: unknown) =>
    error instanceof RangeError && error.message.startsWith('Invalid code point'),
};

/** What is thrown must be one of these. */
function mayFail(
  errors: readonly { [Symbol.hasInstance]: (error: unknown) => boolean }[],
  action: () => unknown,
): void {
  try {
    action();
  } catch (error) {
    if (!errors.some((known) => error instanceof (known as ErrorConstructor))) throw error;
  }
}

describe('fuzzed in one process', { timeout: 600_000 }, () => {
  it('repeats its choices by seed and step', () => {
    const choices = (seed: number, step: number) =>
      new Random(seed, step).times(20, (n) => n + new Random(seed, step).next());
    expect(choices(1, 2)).toEqual(choices(1, 2));
    expect(choices(1, 2)).not.toEqual(choices(2, 1));
    expect(repetition(7)).toContain('--step 7');
  });

  it('what a page says to the host is read or refused', () =>
    repeat((random) => {
      const message = randomPageMessage(random, WORLD);
      expect(parsePageMessage(message), JSON.stringify(message).slice(0, 1500)).toBeDefined();
      parsePageMessage(mutated(message, random));
      parsePeerStart(mutated(peerStart(random, WORLD), random));
    }));

  it('what a server says is read or refused', () =>
    repeat((random) => {
      const read = parseServerMessage(serverFrame(random, 'remote'));
      // A part of it is posted to the page.
      structuredClone(read);
      if (read?.type !== 'OFFER' && read?.type !== 'ANSWER' && read?.type !== 'CANDIDATE') return;
      withRelaysAlone({ ...read, dst: 'remote' });
    }));

  it('packed values are read back', () =>
    repeat((random) => {
      const value = randomValue(random.next, 4);
      const received = unpack(packedBytes(value));
      // Numbers and texts lose a little, as in PeerJS, but only once.
      expect(unpack(packedBytes(received))).toEqual(received);
    }));

  it('damaged packed values are an error by name', () =>
    repeat((random) => {
      const bytes = mutatedBytes(packedBytes(randomValue(random.next, 4)), random);
      mayFail([UnpackError, BadText], () => structuredClone(unpack(bytes)));
    }));

  it('values of any kind are packed, or refused as PeerJS refuses them', () =>
    repeat((random) => {
      // As far as JSON goes: a page that packs a list of four thousand million holes waits for itself, as with PeerJS.
      const value = mutated(randomValue(random.next, 3), random, true);
      try {
        pack(value);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }));

  it('frames of each serialization are read within bounds', () =>
    repeat((random) => {
      const serialization = random.pick(SERIALIZATIONS);
      const reader = createReader(serialization);
      for (let n = 0; n < 20; n++) {
        for (const frame of hostileFrames(random, serialization)) {
          const received = typeof frame === 'string' ? frame : frame.buffer;
          // What is read is posted to the page.
          mayFail([UnpackError, BadText, ChunkViolation, TypeError], () => structuredClone(reader.read(received)));
          expect(reader.heldBytes).toBeGreaterThanOrEqual(0);
          expect(reader.heldBytes).toBeLessThan(1024 * 1024);
        }
      }
    }));

  it('what a page announces and sends becomes frames, or a violation by name', () =>
    repeat((random) => {
      let sent = 0;
      const stream = new OutgoingStream((frame) => void (sent += frame.byteLength));
      for (let n = 0; n < 10; n++) {
        const announced = random.times(random.below(5), () => random.pick([0, 1, 100, 20_000, 2 ** 40]));
        const chunks = random.times(random.below(4), () => new ArrayBuffer(random.pick([0, 1, 100, 40_000])));
        mayFail([StreamViolation], () => stream.push(announced, chunks));
        if (random.chance(0.2)) stream.abortMessage();
      }
      stream.reset();
      expect(sent).toBeLessThan(10 * 4 * 50_000);
    }));

  it('descriptions and candidates are rewritten without an error', () =>
    repeat((random) => {
      const whole = sessionDescription(random, 'media');
      const sdp = random.chance(0.5) ? whole : mutatedSdp(whole, random).slice(0, MAX_SDP_LENGTH);
      const [own, other] = [mediaSections(sdp), mediaSections(sessionDescription(random, 'media'))];
      const streams = own.map((section) => streamsOf(section));
      withCodecs(withStartBitrate(withStreams(sdp, streams), random.below(10 ** 7)), other, own);
      const candidate = { candidate: candidateText(random) };
      withRelaysAlone({ type: 'CANDIDATE', payload: { candidate }, dst: 'remote' });
      withRelaysAlone({ type: 'OFFER', payload: { sdp: { type: 'offer', sdp } }, dst: 'remote' });
    }));

  it('an imported file is taken over whole, or refused with a reason, and what was taken over can be read', () =>
    repeat(async (random) => {
      const local = new MemoryStore();
      const writes = new WriteQueue();
      const backups = new Backups(local, () => 1_800_000_000_000, writes);
      const before = JSON.stringify(await local.get(null));
      const { problem } = await backups.import(backupText(random));
      if (problem !== undefined) {
        expect(problem).toMatch(/\S/);
        expect(JSON.stringify(await local.get(null))).toBe(before);
        return;
      }
      const again = new Backups(new MemoryStore(), () => 1_800_000_000_000, new WriteQueue());
      expect(await again.import(await backups.export())).toEqual({});
      await new PolicyBook(local, async () => parseManaged({}), writes).view();
    }));

  it('managed settings are read, member by member', () =>
    repeat((random) => {
      const managed = parseManaged(managedSettings(random));
      managedSite(managed, { origin: 'https://chat.example' });
      managedSite(managed, { origin: 'https://frame.example', topOrigin: 'https://top.example' });
    }));
});
