// Converts the argument of RTCDataChannel's `send` to a frame that can be queued and can cross a port.
import { safe } from '../safe/built-ins';

export interface ChannelFrame {
  data: string | ArrayBuffer | Blob;
  /** Bytes on the channel. */
  size: number;
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
