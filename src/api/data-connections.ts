// PeerJS's three serializations of data connections (PeerJS lib/dataconnection/BufferedConnection/).
import { segmentsOf } from '../codec/packed-message';
import { pack } from '../codec/packer';
import { CHUNK_SIZE } from '../codec/chunk-frame';
import { safe } from './built-ins';
import { DataConnection } from './data-connection';

/** `binary`, `binary-utf8` and `default`: BinaryPack, chunked where needed. */
export class BinaryConnection extends DataConnection {
  readonly serialization = 'binary';

  protected _send(data: unknown): Promise<void> {
    return this._push(pack(data));
  }

  protected _deliver(data: unknown): void {
    this.emit('data', data);
  }
}

/** `json`: UTF-8 text in one frame. Pages may replace `stringify` and `parse`. */
export class JsonConnection extends DataConnection {
  readonly serialization = 'json';
  readonly encoder = new TextEncoder();
  readonly decoder = new TextDecoder();
  stringify: (data: unknown) => string = safe.stringify;
  parse: (text: string) => unknown = safe.parse;

  protected _send(data: unknown): Promise<void> {
    const bytes = this.encoder.encode(this.stringify(data));
    if (bytes.byteLength >= CHUNK_SIZE) return this._refuse('Message too big for JSON channel');
    // The encoder's buffer is nobody else's; where it is larger than the text, the text is copied out.
    const isExact = bytes.byteLength === bytes.buffer.byteLength;
    return this._push({ byteLength: bytes.byteLength, segments: isExact ? [bytes.buffer] : segmentsOf(bytes) });
  }

  protected _deliver(data: unknown): void {
    const parsed = this.parse(data as string);
    if ((parsed as { __peerData?: { type?: unknown } } | null | undefined)?.__peerData?.type === 'close') this.close();
    else this.emit('data', parsed);
  }
}

/** `raw` and `none`: frames as they are. */
export class RawConnection extends DataConnection {
  readonly serialization = 'raw';

  protected _send(data: unknown): Promise<void> {
    return this._sendFrame(data);
  }

  protected _deliver(data: unknown): void {
    this.dataChannel?.handleMessage(data);
    if (this.open) this.emit('data', data);
  }
}
