// Chromium's sender or receiver with encoded streams. The test produces incoming frames and reads outgoing ones.
import type { EncodedFrame, EncodedStreams } from '../../../src/engine/calls/frame-forwarder';

/** An encoded frame; an audio frame has no type. Constructed from another frame, it is a copy, as in browsers. */
export class FakeFrame {
  readonly name: string;
  readonly type: 'key' | 'delta' | undefined;
  readonly copyOf: FakeFrame | undefined;
  data: ArrayBuffer;

  constructor(from: string | FakeFrame, type?: 'key' | 'delta') {
    this.copyOf = from instanceof FakeFrame ? from : undefined;
    this.name = from instanceof FakeFrame ? from.name : from;
    this.type = from instanceof FakeFrame ? from.type : type;
    this.data = from instanceof FakeFrame ? from.data.slice() : new TextEncoder().encode(from).buffer;
  }

  getMetadata(): { mimeType: string } {
    return { mimeType: this.type ? 'video/VP8' : 'audio/opus' };
  }

  get text(): string {
    return new TextDecoder().decode(this.data);
  }
}

export const key = (name: string): FakeFrame => new FakeFrame(name, 'key');
export const delta = (name: string): FakeFrame => new FakeFrame(name, 'delta');
export const sound = (name: string): FakeFrame => new FakeFrame(name);

export class FakeEncodedEnd {
  readonly track: { kind: string };
  /** Written frames: a sender writes to the network, a receiver to its decoder. */
  readonly written: FakeFrame[] = [];
  /** The entries that `getStats` reports. */
  stats: Record<string, unknown>[] = [];
  statsAsked = 0;
  isCancelled = false;
  isClosed = false;
  #controller: ReadableStreamDefaultController<EncodedFrame> | undefined;

  constructor(kind: string) {
    this.track = { kind };
  }

  createEncodedStreams(): EncodedStreams {
    if (this.#controller) throw new DOMException('Encoded streams already created', 'InvalidStateError');
    const readable = new ReadableStream<EncodedFrame>({
      start: (controller) => void (this.#controller = controller),
      cancel: () => void (this.isCancelled = true),
    });
    const writable = new WritableStream<EncodedFrame>({
      write: (frame) => {
        if (this.isClosed) throw new DOMException('Stream closed', 'InvalidStateError');
        this.written.push(frame as unknown as FakeFrame);
      },
    });
    return { readable, writable };
  }

  setStreams(): void {
    // Does nothing: the fake descriptions say which stream a track belongs to.
  }

  /** Makes frames arrive. */
  produce(...frames: FakeFrame[]): void {
    for (const frame of frames) this.#controller?.enqueue(frame as unknown as EncodedFrame);
  }

  async getStats(): Promise<Map<string, unknown>> {
    this.statsAsked++;
    return new Map(this.stats.map((stats, index) => [`S${index}`, stats]));
  }

  /** This fake, typed as the native object. */
  as(): RTCRtpSender & RTCRtpReceiver {
    return this as unknown as RTCRtpSender & RTCRtpReceiver;
  }
}

/** The names of the frames, for assertions. */
export function names(frames: readonly FakeFrame[]): string[] {
  return frames.map((frame) => frame.name);
}

/** Placeholders in a browser that cannot encode: decoders get the true frames. */
export const noPlaceholders = { of: () => undefined };
