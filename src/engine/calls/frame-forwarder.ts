// Carries one track's encoded frames from the receiver of one RTCPeerConnection to the sender of another. Nothing is
// encoded; for each video frame the receiver's own decoder gets a copy with a stand-in for the picture (placeholder-frames.ts).
import type { PlaceholderFrames } from './placeholder-frames';

/** What `createEncodedStreams` gives (Chromium's Insertable Streams, before RTCRtpScriptTransform). */
export interface EncodedStreams {
  readable: ReadableStream<EncodedFrame>;
  writable: WritableStream<EncodedFrame>;
}

export type EncodedFrame = RTCEncodedVideoFrame | RTCEncodedAudioFrame;
export type FrameWriter = WritableStreamDefaultWriter<EncodedFrame>;

/** `RTCRtpSender` or `RTCRtpReceiver` of a connection made with `encodedInsertableStreams`. */
export function encodedStreams(end: RTCRtpSender | RTCRtpReceiver): EncodedStreams {
  return (end as unknown as { createEncodedStreams: () => EncodedStreams }).createEncodedStreams();
}

/** TypeScript's library has the constructor without its parameter. */
function copyOf(frame: RTCEncodedVideoFrame): RTCEncodedVideoFrame {
  return new (RTCEncodedVideoFrame as unknown as new (frame: RTCEncodedVideoFrame) => RTCEncodedVideoFrame)(frame);
}

/** Frames that wait for their way to open, at most: what a keyframe and ten seconds after it are. */
const MAX_WAITING = 300;

/** Chromium's; TypeScript's library does not know the member yet. */
function mimeTypeOf(frame: RTCEncodedVideoFrame): string {
  return (frame.getMetadata() as { mimeType?: string }).mimeType ?? '';
}

/** No codec can read this: the decoder fails at it and asks the sender for a keyframe at once. */
const UNREADABLE = new Uint8Array([1, 2, 3]);

export class FrameForwarder {
  readonly #isVideo: boolean;
  readonly #reader: ReadableStreamDefaultReader<EncodedFrame>;
  readonly #decoder: FrameWriter;
  readonly #placeholders: Pick<PlaceholderFrames, 'of'>;
  #target: FrameWriter | undefined;
  /** From the last keyframe on. */
  #waiting: EncodedFrame[] = [];
  #mustSpoil = false;

  constructor(kind: string, { readable, writable }: EncodedStreams, placeholders: Pick<PlaceholderFrames, 'of'>) {
    this.#placeholders = placeholders;
    this.#isVideo = kind === 'video';
    this.#reader = readable.getReader();
    this.#decoder = writable.getWriter();
    // Ends where the receiver's connection does.
    this.#run().catch(() => undefined);
  }

  /** From now on frames go to `target`; first those that can be decoded from what has waited. */
  open(target: FrameWriter): void {
    this.#target = target;
    for (const frame of this.#waiting.splice(0)) this.#write(target, frame);
  }

  /** Asks the track's sender for a keyframe: there is no other way to do so than to fail at decoding. */
  requestKeyFrame(): void {
    this.#mustSpoil = this.#isVideo;
  }

  close(): void {
    this.#waiting = [];
    void this.#reader.cancel().catch(() => undefined);
  }

  async #run(): Promise<void> {
    for (;;) {
      const { value: frame, done } = await this.#reader.read();
      if (done) return;
      if (this.#isVideo) this.#feedDecoder(frame as RTCEncodedVideoFrame);
      if (this.#target) this.#write(this.#target, frame);
      else this.#keep(frame);
    }
  }

  #feedDecoder(frame: RTCEncodedVideoFrame): void {
    const copy = copyOf(frame);
    const isSpoilt = this.#mustSpoil && frame.type !== 'key';
    this.#mustSpoil = false;
    const picture = isSpoilt ? UNREADABLE.buffer : this.#placeholders.of(mimeTypeOf(frame));
    if (picture) copy.data = picture.slice(0);
    this.#write(this.#decoder, copy);
  }

  /** Of audio nothing: it would only be late. */
  #keep(frame: EncodedFrame): void {
    if (!this.#isVideo) return;
    if ((frame as RTCEncodedVideoFrame).type === 'key') this.#waiting = [];
    else if (this.#waiting.length === 0 || this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push(frame);
  }

  #write(writer: FrameWriter, frame: EncodedFrame): void {
    // Fails where the writer's connection is closed: then there is nobody to see the frame.
    writer.write(frame).catch(() => undefined);
  }
}
