// PeerJS's three serializations of data connections (PeerJS lib/dataconnection/BufferedConnection/): a codec for each, and a
// class by which a Peer makes its connections.
import { pack } from '../../codec/packer';
import { CHUNK_SIZE } from '../../codec/chunk-size';
import type { ConnectionProvider } from '../connection/base-connection';
import { emitAndReject } from '../connection/peer-error';
import { safe } from '../safe/built-ins';
import { sendFrame } from './channel-frame';
import { DataConnection, type Codec, type DataConnectionOptions } from './data-connection';
import { SMALL_MESSAGE } from './send-queue';
import { MAX_UTF8_BYTES } from './small-message-batch';

const binary: Codec = {
  serialization: 'binary',
  write: (data, queue) => queue.push(pack(data)),
  read: (data, connection) => {
    connection.emit('data', data);
  },
};

const TOO_BIG = 'Message too big for JSON channel';
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Shared buffer for encoding JSON: a new array for each message would be most of the message's cost. */
const scratch = new Uint8Array(MAX_UTF8_BYTES * CHUNK_SIZE);

const json: Codec = {
  serialization: 'json',
  write(data, queue, connection: JsonConnection) {
    const text = connection.stringify(data);
    if (text?.length * MAX_UTF8_BYTES <= SMALL_MESSAGE) return queue.pushText(text);
    // A character takes at least a byte, so longer text is too big, and the rest fits into the scratch buffer.
    const length = text?.length >= CHUNK_SIZE ? text.length : safe.encodeInto(encoder, text ?? '', scratch).written;
    if (length < CHUNK_SIZE) return queue.pushBytes(scratch.subarray(0, length));
    return emitAndReject(connection, 'message-too-big', TOO_BIG);
  },
  read(data, connection: JsonConnection) {
    const parsed = connection.parse(safe.decode(decoder, data as Uint8Array));
    if ((parsed as { __peerData?: { type?: unknown } } | null | undefined)?.__peerData?.type === 'close')
      connection.close();
    else connection.emit('data', parsed);
  },
};

const raw: Codec = {
  serialization: 'raw',
  write: sendFrame,
  read: (data, connection) => {
    connection.dataChannel?.handleMessage(data);
    if (connection.open) connection.emit('data', data);
  },
};

/** `binary`, `binary-utf8` and `default`: BinaryPack. The host splits large messages into chunks. */
export class BinaryConnection extends DataConnection {
  constructor(peer: string, provider: ConnectionProvider, options: DataConnectionOptions) {
    super(peer, provider, options, binary);
  }
}

/** `json`: UTF-8 text in one frame. Pages may replace `stringify` and `parse`. */
export class JsonConnection extends DataConnection {
  readonly encoder = new TextEncoder();
  readonly decoder = new TextDecoder();
  stringify: (data: unknown) => string = safe.stringify;
  parse: (text: string) => unknown = safe.parse;

  constructor(peer: string, provider: ConnectionProvider, options: DataConnectionOptions) {
    super(peer, provider, options, json);
  }
}

/** `raw` and `none`: unchanged frames. */
export class RawConnection extends DataConnection {
  constructor(peer: string, provider: ConnectionProvider, options: DataConnectionOptions) {
    super(peer, provider, options, raw);
  }
}
