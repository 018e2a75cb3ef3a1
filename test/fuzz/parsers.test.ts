// Feeds mutated input to every parser of messages from pages, peers and servers, of imported files and of managed
// settings. All run in one process, which takes far more input than a browser. Each parser must soon return a value or
// throw an error that its caller expects.
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

/** Time limit for making and parsing one input, milliseconds. The largest take 2000 ms on a busy machine. */
const SLOW_MS = 20_000;

const WORLD: PageWorld = {
  server: { host: '127.0.0.1', port: 9000, path: '/', key: 'peerjs', secure: false },
  remoteIds: ['remote', ''],
};

/** Runs `attempt` once per step. An error names seed and step, also if a step takes too long. */
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

/** The error for text beyond U+10FFFF, which peerjs-js-binarypack's decoder throws, too. */
const BadText = {
  [Symbol.hasInstance]: (error: unknown) =>
    error instanceof RangeError && error.message.startsWith('Invalid code point'),
};

/** Runs `action`, which may throw only the given errors. */
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

describe('parsers under mutated input', { timeout: 600_000 }, () => {
  it('the same seed and step repeat the same choices', () => {
    const choices = (seed: number, step: number) =>
      new Random(seed, step).times(20, (n) => n + new Random(seed, step).next());
    expect(choices(1, 2)).toEqual(choices(1, 2));
    expect(choices(1, 2)).not.toEqual(choices(2, 1));
    expect(repetition(7)).toContain('--step 7');
  });

  it('a message from page to host is parsed or rejected', () =>
    repeat((random) => {
      const message = randomPageMessage(random, WORLD);
      expect(parsePageMessage(message), JSON.stringify(message).slice(0, 1500)).toBeDefined();
      parsePageMessage(mutated(message, random));
      parsePeerStart(mutated(peerStart(random, WORLD), random));
    }));

  it('a message from a server is parsed or rejected', () =>
    repeat((random) => {
      const read = parseServerMessage(serverFrame(random, 'remote'));
      // The host posts a part of the message to the page, so it must be cloneable.
      structuredClone(read);
      if (read?.type !== 'OFFER' && read?.type !== 'ANSWER' && read?.type !== 'CANDIDATE') return;
      withRelaysAlone({ ...read, dst: 'remote' });
    }));

  it('a packed and unpacked value survives a second round trip unchanged', () =>
    repeat((random) => {
      const value = randomValue(random.next, 4);
      const received = unpack(packedBytes(value));
      // As in PeerJS, the first round trip may change numbers and texts.
      expect(unpack(packedBytes(received))).toEqual(received);
    }));

  it('a damaged packed value is unpacked or throws an expected error', () =>
    repeat((random) => {
      const bytes = mutatedBytes(packedBytes(randomValue(random.next, 4)), random);
      mayFail([UnpackError, BadText], () => structuredClone(unpack(bytes)));
    }));

  it('a value of any type is packed or throws an Error', () =>
    repeat((random) => {
      // Only JSON values: packing an array with billions of holes hangs the page that does it, as in PeerJS.
      const value = mutated(randomValue(random.next, 3), random, true);
      try {
        pack(value);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }));

  it('frames of each serialization are read without exceeding the memory limit', () =>
    repeat((random) => {
      const serialization = random.pick(SERIALIZATIONS);
      const reader = createReader(serialization);
      for (let n = 0; n < 20; n++) {
        for (const frame of hostileFrames(random, serialization)) {
          const received = typeof frame === 'string' ? frame : frame.buffer;
          // The host posts the value to the page, so it must be cloneable.
          mayFail([UnpackError, BadText, ChunkViolation, TypeError], () => structuredClone(reader.read(received)));
          expect(reader.queuedBytes).toBeGreaterThanOrEqual(0);
          expect(reader.queuedBytes).toBeLessThan(1024 * 1024);
        }
      }
    }));

  it('data that a page announces and sends becomes frames or throws a StreamViolation', () =>
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

  it('session descriptions and candidates are rewritten without an error', () =>
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

  it('an imported file is applied whole and stays readable, or is rejected with a reason and changes nothing', () =>
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

  it('damaged managed settings are read without an error', () =>
    repeat((random) => {
      const managed = parseManaged(managedSettings(random));
      managedSite(managed, { origin: 'https://chat.example' });
      managedSite(managed, { origin: 'https://frame.example', topOrigin: 'https://top.example' });
    }));
});
