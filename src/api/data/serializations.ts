// PeerJS's three serializations of data connections (PeerJS lib/dataconnection/BufferedConnection/).
import { pack } from '../../codec/packer';
import { CHUNK_SIZE } from '../../codec/chunk-size';
import type { Serialization } from '../../protocol/serializations';
import { safe } from '../safe/built-ins';
import { DataConnection } from './data-connection';
import { MAX_UTF8_BYTES } from './small-message-batch';
import { SMALL_MESSAGE } from './send-queue';

/** `binary`, `binary-utf8` and `default`: BinaryPack. The host splits large messages into chunks. */
export class BinaryConnection extends DataConnection {
  readonly serialization = 'binary' satisfies Serialization;

  protected _send(data: unknown): Promise<void> {
    return this._push(pack(data));
  }

  protected _read(data: unknown): void {
    this.emit('data', data);
  }
}

const TOO_BIG = 'Message too big for JSON channel';
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Shared buffer for encoding JSON: a new array for each message would be most of the message's cost. */
const scratch = new Uint8Array(MAX_UTF8_BYTES * CHUNK_SIZE);

/** `json`: UTF-8 text in one frame. Pages may replace `stringify` and `parse`. */
export class JsonConnection extends DataConnection {
  readonly serialization = 'json' satisfies Serialization;
  readonly encoder = new TextEncoder();
  readonly decoder = new TextDecoder();
  stringify: (data: unknown) => string = safe.stringify;
  parse: (text: string) => unknown = safe.parse;

  protected _send(data: unknown): Promise<void> {
    const text = this.stringify(data);
    if (text?.length * MAX_UTF8_BYTES <= SMALL_MESSAGE) return this._pushText(text);
    // A character takes at least a byte, so longer text is too big, and the rest fits into the scratch buffer.
    if (text?.length >= CHUNK_SIZE) return this._refuse(TOO_BIG);
    const { written } = safe.encodeInto(encoder, text ?? '', scratch);
    return written >= CHUNK_SIZE ? this._refuse(TOO_BIG) : this._pushBytes(scratch.subarray(0, written));
  }

  protected _read(data: unknown): void {
    const parsed = this.parse(safe.decode(decoder, data as Uint8Array));
    if ((parsed as { __peerData?: { type?: unknown } } | null | undefined)?.__peerData?.type === 'close') this.close();
    else this.emit('data', parsed);
  }
}

/** `raw` and `none`: unchanged frames. */
export class RawConnection extends DataConnection {
  readonly serialization = 'raw' satisfies Serialization;

  protected _send(data: unknown): Promise<void> {
    return this._sendFrame(data);
  }

  protected _read(data: unknown): void {
    this.dataChannel?.handleMessage(data);
    if (this.open) this.emit('data', data);
  }
}
