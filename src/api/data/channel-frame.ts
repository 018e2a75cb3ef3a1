// Sends what RTCDataChannel's `send` takes: as a frame that can be queued and can cross a port.
import type { BaseConnection } from '../connection/base-connection';
import { emitAndReject } from '../connection/peer-error';
import { safe } from '../safe/built-ins';
import type { SendQueue } from './send-queue';

export interface ChannelFrame {
  data: string | ArrayBuffer | Blob;
  /** Bytes on the channel. */
  size: number;
}

/** Queues `data` as one frame. Refuses a frame that is too big for the channel, and leaves the connection open. */
export function sendFrame(data: unknown, queue: SendQueue, connection: BaseConnection): Promise<void> {
  const { maxMessageSize } = queue;
  const frame = channelFrame(data, maxMessageSize);
  if (frame.size <= maxMessageSize) return queue.pushFrame(frame.data);
  const message = `Message too big: ${frame.size} bytes, the limit is ${maxMessageSize}`;
  return emitAndReject(connection, 'message-too-big', message);
}

/** Copies binary data, because the page may change it afterwards. Text far below `limit` gets an approximate size. */
export function channelFrame(data: unknown, limit: number): ChannelFrame {
  if (data instanceof Blob) return { data, size: data.size };
  if (data instanceof ArrayBuffer) return { data: data.slice(0), size: data.byteLength };
  if (ArrayBuffer.isView(data)) {
    const copy = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer;
    return { data: copy, size: copy.byteLength };
  }
  if (typeof data === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  const text = String(data);
  // A character takes one to three bytes of UTF-8.
  const isFarBelow = text.length * 3 <= limit;
  return { data: text, size: isFarBelow ? text.length : safe.encode(new safe.TextEncoder(), text).byteLength };
}
