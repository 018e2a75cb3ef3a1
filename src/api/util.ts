// PeerJS's `util` (PeerJS lib/util.ts), without its feature test: PeerJS makes an RTCPeerConnection in every frame that
// loads it, only to test for features that all our browsers support.
import { CHUNK_SIZE } from '../codec/chunk-size';
import { packToBuffer } from '../codec/buffers';
import { unpack } from '../codec/unpacker';
import { CLOUD_HOST, CLOUD_PORT } from '../protocol/peer-server';
import { defaultConfig } from './connection/configuration';
import { randomToken } from './safe/random-token';

interface Piece {
  __peerData: number;
  n: number;
  data: ArrayBuffer;
  total: number;
}

const VALID_ID = /^[A-Za-z0-9]+(?:[ _-][A-Za-z0-9]+)*$/;

class Util {
  readonly CLOUD_HOST = CLOUD_HOST;
  readonly CLOUD_PORT = CLOUD_PORT;
  readonly chunkedBrowsers = { Chrome: 1, chrome: 1 };
  readonly chunkedMTU = CHUNK_SIZE;
  /** All Peers of the page share this object, and pages change it. */
  readonly defaultConfig = defaultConfig;
  readonly browser: string;
  readonly browserVersion: number;
  readonly supports = {
    browser: true,
    webRTC: true,
    audioVideo: true,
    data: true,
    binaryBlob: true,
    reliable: true,
  };
  readonly pack = packToBuffer;
  readonly unpack = unpack;
  readonly randomToken = randomToken;
  #dataCount = 1;

  constructor() {
    const [, chrome, firefox] = /Chrom(?:e|ium)\/(\d+)|Firefox\/(\d+)/.exec(navigator.userAgent) ?? [];
    this.browser = firefox ? 'firefox' : 'chrome';
    this.browserVersion = Number(firefox ?? chrome ?? 0);
  }

  noop(): void {
    // Does nothing, as in PeerJS.
  }

  /** True for an ID that PeerServer accepts, and for an absent or empty ID. */
  readonly validateId = (id: unknown): boolean => !id || VALID_ID.test(String(id));

  readonly chunk = (blob: ArrayBuffer): Piece[] => {
    const total = Math.ceil(blob.byteLength / this.chunkedMTU);
    const id = this.#dataCount++;
    return Array.from({ length: total }, (_, n) => ({
      __peerData: id,
      n,
      data: blob.slice(n * this.chunkedMTU, (n + 1) * this.chunkedMTU),
      total,
    }));
  };

  blobToArrayBuffer(blob: Blob, callback: (result: ArrayBuffer) => void): FileReader {
    const reader = new FileReader();
    reader.onload = (event) => {
      if (event.target) callback(event.target.result as ArrayBuffer);
    };
    reader.readAsArrayBuffer(blob);
    return reader;
  }

  binaryStringToArrayBuffer(binary: string): ArrayBuffer {
    return Uint8Array.from(binary, (character) => character.charCodeAt(0) & 0xff).buffer;
  }

  isSecure(): boolean {
    return location.protocol === 'https:';
  }
}

export const util = new Util();
