import { fakeBlob } from '../../../support/fakes/blobs';
import '../../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { SendQueue } from '../../../../src/api/data/send-queue';
import { segmentsOf, SEGMENT_SIZE, type PackedMessage } from '../../../../src/codec/packed-message';
import { INITIAL_WINDOW } from '../../../../src/protocol/host-messages';
import type { PageMessage } from '../../../../src/protocol/page-messages';
import { settled } from '../../../support/fakes/settled';
import { seededRandom } from '../../../support/random-values';

const KIB = 1024;

/** A queue and the host's end, which records the incoming bytes and frames in their order. */
function makeQueue() {
  const posted: PageMessage[] = [];
  const post = (message: PageMessage, transfer: Transferable[] = []): void => {
    posted.push(structuredClone(message, { transfer: transfer as ArrayBuffer[] }));
  };
  const queue = new SendQueue(7, { post });
  return { queue, posted };
}

const total = (posted: PageMessage[]): number => posted.reduce((sum, message) => sum + sizeOf(message), 0);

function sizeOf(message: PageMessage): number {
  if (message.type === 'connection.send') return message.chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (message.type !== 'connection.sendFrames') return 0;
  return message.frames.reduce((sum, frame) => sum + (typeof frame === 'string' ? frame.length : frame.byteLength), 0);
}

/** The messages and frames that the host reads from the posted bytes, without an incomplete message at the end. */
function delivered(posted: PageMessage[]): (string | Uint8Array)[] {
  const items: (string | Uint8Array)[] = [];
  const announced: number[] = [];
  let bytes = Buffer.alloc(0);
  const cut = (): void => {
    while (announced.length > 0 && bytes.length >= announced[0]!) {
      const length = announced.shift()!;
      items.push(new Uint8Array(bytes.subarray(0, length)));
      bytes = bytes.subarray(length);
    }
  };
  for (const message of posted) {
    if (message.type === 'connection.send') {
      announced.push(...message.announced);
      bytes = Buffer.concat([bytes, ...message.chunks.map((chunk) => new Uint8Array(chunk))]);
      cut();
      if (announced.length === 0) expect(bytes).toHaveLength(0);
    } else if (message.type === 'connection.sendFrames') {
      // Frames come only between messages.
      expect(announced).toEqual([]);
      items.push(...message.frames.map((frame) => (typeof frame === 'string' ? frame : new Uint8Array(frame))));
    } else if (message.type === 'connection.abortMessage') {
      announced.shift();
      bytes = Buffer.alloc(0);
    }
  }
  return items;
}

let fill = 0;
const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(++fill & 0xff);
const packed = (data: Uint8Array): PackedMessage => ({ byteLength: data.length, segments: segmentsOf(data) });

/** A message with a Blob between bytes, like the packer's. */
function around(blob: Blob, before: Uint8Array, after: Uint8Array): PackedMessage {
  const segments = [...segmentsOf(before), blob, ...segmentsOf(after)];
  return { byteLength: before.length + blob.size + after.length, segments };
}

const digest = (item: string | Uint8Array): string =>
  typeof item === 'string' ? `text ${item}` : `${item.length} × ${item[0]} … ${item.at(-1)}`;

describe('SendQueue', () => {
  it('posts in a microtask, with all messages of a task together', async () => {
    const { queue, posted } = makeQueue();
    const messages = [bytes(3), bytes(4), bytes(5)];
    for (const message of messages) void queue.push(packed(message));
    expect(posted).toEqual([]);
    expect(queue.length).toBe(3);
    await settled();
    const whole = Uint8Array.from(messages.flatMap((message) => [...message]));
    const send = { type: 'connection.send', connectionKey: 7, announced: [3, 4, 5], chunks: [whole.buffer] };
    expect(posted).toEqual([send]);
    expect(queue.length).toBe(0);
  });

  it('resolves when the whole message is posted', async () => {
    const { queue } = makeQueue();
    const settledOnes: string[] = [];
    void queue.push(packed(bytes(INITIAL_WINDOW))).then(() => settledOnes.push('first'));
    void queue.push(packed(bytes(1))).then(() => settledOnes.push('second'));
    await settled();
    expect(settledOnes).toEqual(['first']);
    queue.grant(1, INITIAL_WINDOW);
    await settled();
    expect(settledOnes).toEqual(['first', 'second']);
  });

  it('posts an empty message', async () => {
    const { queue, posted } = makeQueue();
    await queue.push({ byteLength: 0, segments: [] });
    expect(posted).toMatchObject([{ announced: [0], chunks: [] }]);
  });

  it('posts each frame unchanged in a port message of its own', async () => {
    const { queue, posted } = makeQueue();
    void queue.pushFrame('text');
    await queue.pushFrame(Uint8Array.of(1).buffer);
    expect(posted).toEqual([
      { type: 'connection.sendFrames', connectionKey: 7, frames: ['text'] },
      { type: 'connection.sendFrames', connectionKey: 7, frames: [Uint8Array.of(1).buffer] },
    ]);
  });

  it('queues data beyond the window until the host grants credit', async () => {
    const { queue, posted } = makeQueue();
    void queue.push(packed(bytes(INITIAL_WINDOW)));
    void queue.push(packed(bytes(100)));
    await settled();
    expect(total(posted)).toBe(INITIAL_WINDOW);
    queue.grant(99, INITIAL_WINDOW);
    expect(total(posted)).toBe(INITIAL_WINDOW);
    queue.grant(1, INITIAL_WINDOW);
    expect(total(posted)).toBe(INITIAL_WINDOW + 100);
  });

  it('respects a window that shrinks', async () => {
    const { queue, posted } = makeQueue();
    for (let n = 0; n < 20; n++) void queue.push(packed(bytes(100 * KIB)));
    await settled();
    const before = total(posted);
    for (let onTheWay = before; onTheWay > 100 * KIB; onTheWay -= 100 * KIB) {
      expect(total(posted)).toBe(before);
      queue.grant(100 * KIB, 200 * KIB);
    }
    expect(total(posted)).toBe(before + 100 * KIB);
  });

  it('sends a message larger than the window when nothing else is on the way', async () => {
    const { queue, posted } = makeQueue();
    await queue.pushFrame('x');
    void queue.pushFrame(new ArrayBuffer(INITIAL_WINDOW + 1));
    await settled();
    expect(posted).toHaveLength(1);
    queue.grant(1, INITIAL_WINDOW);
    expect(posted.map(sizeOf)).toEqual([1, INITIAL_WINDOW + 1]);
  });

  // A single message larger than the window may go alone, but messages that exceed it only together must not.
  it('does not fill a batch beyond the window', async () => {
    const { queue, posted } = makeQueue();
    queue.grant(0, 128 * KIB);
    for (const size of [128, 60, 60, 60, 60, 60]) void queue.pushFrame(new ArrayBuffer(size * KIB));
    await settled();
    expect(total(posted)).toBe(128 * KIB);
    queue.grant(128 * KIB, 128 * KIB);
    expect(total(posted)).toBe((128 + 120) * KIB);
  });

  it('ignores excess credit', async () => {
    const { queue, posted } = makeQueue();
    queue.grant(1_000_000_000, INITIAL_WINDOW);
    for (let n = 0; n < 40; n++) void queue.push(packed(bytes(100 * KIB)));
    await settled();
    expect(total(posted)).toBeLessThanOrEqual(INITIAL_WINDOW);
  });

  it('counts the bytes that the network has not taken', async () => {
    const { queue } = makeQueue();
    void queue.push(packed(bytes(1000)));
    expect(queue.bufferedBytes).toBe(1000);
    await settled();
    expect(queue.bufferedBytes).toBe(1000);
    queue.grant(400, INITIAL_WINDOW);
    expect(queue.bufferedBytes).toBe(600);
    queue.grant(600, INITIAL_WINDOW);
    expect(queue.bufferedBytes).toBe(0);
  });

  it('transfers large segments and gathers small ones', async () => {
    const { queue, posted } = makeQueue();
    for (let n = 0; n < 200; n++) void queue.push(packed(bytes(10)));
    const large = packed(bytes(2 * SEGMENT_SIZE - 2000));
    await queue.push(large);
    expect(posted).toMatchObject([
      { announced: new Array(200).fill(10), chunks: [{ byteLength: 2000 }] },
      { announced: [2 * SEGMENT_SIZE - 2000], chunks: [{ byteLength: SEGMENT_SIZE }] },
      { announced: [], chunks: [{ byteLength: SEGMENT_SIZE - 2000 }] },
    ]);
    // The segment was transferred, not copied.
    expect(large.segments).toMatchObject([{ byteLength: 0 }, { byteLength: 0 }]);
  });

  it('gathers messages of up to 4 KiB', async () => {
    const { queue, posted } = makeQueue();
    for (const size of [4 * KIB, 1, 4 * KIB + 1, 2]) void queue.push(packed(bytes(size)));
    await settled();
    expect(posted).toMatchObject([
      { announced: [4 * KIB, 1], chunks: [{ byteLength: 4 * KIB + 1 }] },
      { announced: [4 * KIB + 1], chunks: [{ byteLength: 4 * KIB + 1 }] },
      { announced: [2], chunks: [{ byteLength: 2 }] },
    ]);
  });

  it('does not gather messages of different tasks', async () => {
    const { queue, posted } = makeQueue();
    for (const size of [1, 2]) await queue.push(packed(bytes(size)));
    expect(posted).toMatchObject([{ announced: [1] }, { announced: [2] }]);
  });

  it('posts a full batch at once, while the page still sends', async () => {
    const { queue, posted } = makeQueue();
    for (let n = 0; n < 17; n++) void queue.push(packed(bytes(4 * KIB)));
    expect(posted).toMatchObject([{ announced: new Array(16).fill(4 * KIB), chunks: [{ byteLength: 64 * KIB }] }]);
    await settled();
    expect(posted.slice(1)).toMatchObject([{ announced: [4 * KIB] }]);
  });

  it('counts each message of a batch', async () => {
    const { queue } = makeQueue();
    void queue.push(packed(bytes(INITIAL_WINDOW)));
    await settled();
    const small = [1, 2, 3].map((size) => queue.push(packed(bytes(size))));
    await settled();
    expect([queue.length, queue.bufferedBytes]).toEqual([3, INITIAL_WINDOW + 6]);
    queue.grant(INITIAL_WINDOW, INITIAL_WINDOW);
    await Promise.all(small);
    expect([queue.length, queue.bufferedBytes]).toEqual([0, 6]);
  });

  it('rejects all messages of a batch when it is closed', async () => {
    const { queue } = makeQueue();
    const waiting = [1, 2].map((size) => queue.push(packed(bytes(size))));
    queue.close(new Error('closed'));
    for (const each of waiting) await expect(each).rejects.toThrow('closed');
    const next = queue.push(packed(bytes(3)));
    expect(queue.length).toBe(1);
    queue.flush();
    await next;
  });

  it('posts no more messages at once than the host’s guard accepts', async () => {
    const { queue, posted } = makeQueue();
    for (let n = 0; n < 10_000; n++) void queue.push(packed(bytes(1)));
    await settled();
    const lengths = posted.map((message) => (message.type === 'connection.send' ? message.announced.length : 0));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(4096);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(10_000);
  });

  it('keeps the order of messages, frames and Blobs', async () => {
    const { queue, posted } = makeQueue();
    const [one, two, three, blob] = [bytes(3), bytes(4), bytes(5), bytes(2000)];
    void queue.push(packed(one));
    void queue.pushFrame('text');
    void queue.push(around(fakeBlob(blob), Uint8Array.of(1, 2), Uint8Array.of(3)));
    void queue.pushFrame(fakeBlob(two));
    await queue.push(packed(three));
    expect(delivered(posted)).toEqual([one, 'text', Uint8Array.of(1, 2, ...blob, 3), two, three]);
  });

  it('reads a Blob in parts, and only when its turn comes', async () => {
    const { queue, posted } = makeQueue();
    const large = bytes(3 * KIB * KIB);
    void queue.push(around(fakeBlob(large), new Uint8Array(0), new Uint8Array(0)));
    for (let turn = 0; turn < 100; turn++) {
      await settled();
      queue.grant(128 * KIB, INITIAL_WINDOW);
    }
    expect(delivered(posted).map(digest)).toEqual([large].map(digest));
    expect(Math.max(...posted.map(sizeOf))).toBeLessThanOrEqual(INITIAL_WINDOW + SEGMENT_SIZE);
  });

  it('sends an empty Blob', async () => {
    const { queue, posted } = makeQueue();
    await queue.pushFrame(fakeBlob(bytes(0)));
    expect(posted).toMatchObject([{ frames: [new ArrayBuffer(0)] }]);
  });

  it('rejects a message whose Blob cannot be read, and sends the next', async () => {
    const { queue, posted } = makeQueue();
    const failing = queue.pushFrame(fakeBlob(bytes(10), 0));
    const next = queue.push(packed(Uint8Array.of(9)));
    await expect(failing).rejects.toMatchObject({ name: 'NotReadableError' });
    await next;
    expect(delivered(posted)).toEqual([Uint8Array.of(9)]);
    queue.grant(1, INITIAL_WINDOW);
    expect(queue.bufferedBytes).toBe(0);
  });

  it('aborts a partly sent message whose Blob cannot be read', async () => {
    const { queue, posted } = makeQueue();
    const failing = queue.push(around(fakeBlob(bytes(100), 0), Uint8Array.of(1, 2), Uint8Array.of(3)));
    const next = queue.push(packed(Uint8Array.of(9)));
    await expect(failing).rejects.toMatchObject({ name: 'NotReadableError' });
    await next;
    expect(posted.map(({ type }) => type)).toEqual(['connection.send', 'connection.abortMessage', 'connection.send']);
    expect(delivered(posted)).toEqual([Uint8Array.of(9)]);
    queue.grant(3, INITIAL_WINDOW);
    expect(queue.bufferedBytes).toBe(0);
  });

  it('posts no abort for a message of which nothing was sent', async () => {
    const { queue, posted } = makeQueue();
    await expect(queue.push(around(fakeBlob(bytes(100), 0), bytes(0), bytes(0)))).rejects.toThrow();
    expect(posted).toEqual([]);
  });

  it('rejects unposted messages when it is closed', async () => {
    const { queue } = makeQueue();
    void queue.push(packed(bytes(INITIAL_WINDOW)));
    await settled();
    const waiting = [queue.push(packed(bytes(1))), queue.pushFrame('x')];
    queue.close(new Error('closed'));
    for (const each of waiting) await expect(each).rejects.toThrow('closed');
    expect(queue.length).toBe(0);
    expect(queue.bufferedBytes).toBe(0);
  });

  it('posts nothing of a Blob if it is closed during the read', async () => {
    const { queue, posted } = makeQueue();
    const reading = queue.pushFrame(fakeBlob(bytes(10)));
    queue.flush();
    queue.close(new Error('closed'));
    await expect(reading).rejects.toThrow('closed');
    await settled();
    expect(posted).toEqual([]);
    expect(queue.bufferedBytes).toBe(0);
  });

  it('posts random messages, frames and Blobs in order under random credit', async () => {
    for (let seed = 1; seed <= 60; seed++) await expectNothingStuck(seed);
  });
});

/** Sends random messages, frames and Blobs, and grants the host's credit in random parts until all is granted. */
async function expectNothingStuck(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const { queue, posted } = makeQueue();
  const expected: (string | Uint8Array)[] = [];
  const sends: Promise<unknown>[] = [];
  const send = (): void => {
    const data = bytes(1 + Math.floor(random() ** 4 * 700 * KIB));
    switch (below(6)) {
      case 0:
        expected.push('text'.repeat(data.length >> 2));
        sends.push(queue.pushFrame('text'.repeat(data.length >> 2)));
        return;
      case 1:
        expected.push(data);
        sends.push(queue.pushFrame(fakeBlob(data)));
        return;
      case 2:
        expected.push(new Uint8Array(Buffer.concat([Uint8Array.of(1), data, Uint8Array.of(2)])));
        sends.push(queue.push(around(fakeBlob(data), Uint8Array.of(1), Uint8Array.of(2))));
        return;
      case 3:
        sends.push(queue.push(around(fakeBlob(data, data.length >> 1), bytes(below(9)), bytes(5))).catch(() => 0));
        return;
      default:
        expected.push(data);
        sends.push(queue.push(packed(data)));
    }
  };
  let granted = 0;
  const owed = (): number => posted.reduce((sum, message) => sum + sizeOf(message), 0) - granted;
  const grant = (bytesGranted: number): void => {
    granted += bytesGranted;
    queue.grant(bytesGranted, 128 * KIB + below(900 * KIB));
  };
  for (let step = 0; step < 30; step++) {
    if (random() < 0.6) send();
    if (random() < 0.3) await settled();
    if (random() < 0.4 && owed() > 0) grant(1 + below(owed()));
  }
  for (let idle = 0; idle < 3; idle++) {
    await settled();
    if (owed() > 0 || queue.length > 0) idle = 0;
    if (owed() > 0) grant(Math.ceil(owed() / (1 + below(2))));
    else if (queue.length > 0 && idle === 0) await settled();
    if (queue.length > 0 && owed() === 0) expect.fail(`seed ${seed}: ${queue.length} stuck`);
  }
  await Promise.all(sends);
  expect(delivered(posted).map(digest), `seed ${seed}`).toEqual(expected.map(digest));
  expect(queue.bufferedBytes, `seed ${seed}`).toBe(0);
}
