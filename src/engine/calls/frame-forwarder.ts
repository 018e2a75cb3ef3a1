// Forwards one track's encoded frames from the receiver of one RTCPeerConnection to the sender of another, without
// encoding them again. For each video frame, the receiver's own decoder gets a copy with a placeholder picture
// (placeholder-frames.ts). Queues frames until the caller calls `open`.
import type { PlaceholderFrames } from './placeholder-frames';

/** The result of `createEncodedStreams` (Chromium's Insertable Streams, older than RTCRtpScriptTransform). */
export interface EncodedStreams {
  readable: ReadableStream<EncodedFrame>;
  writable: WritableStream<EncodedFrame>;
}

export type EncodedFrame = RTCEncodedVideoFrame | RTCEncodedAudioFrame;
export type FrameWriter = WritableStreamDefaultWriter<EncodedFrame>;

/** `end` must belong to a connection made with `encodedInsertableStreams`. */
export function encodedStreams(end: RTCRtpSender | RTCRtpReceiver): EncodedStreams {
  return (end as unknown as { createEncodedStreams: () => EncodedStreams }).createEncodedStreams();
}

/** TypeScript's library declares the constructor without its parameter. */
function copyOf(frame: RTCEncodedVideoFrame): RTCEncodedVideoFrame {
  return new (RTCEncodedVideoFrame as unknown as new (frame: RTCEncodedVideoFrame) => RTCEncodedVideoFrame)(frame);
}

/** Frames queued until `open`: a keyframe and the ten seconds after it. */
const MAX_QUEUED = 300;

/** A Chromium member that TypeScript's library does not declare yet. */
function mimeTypeOf(frame: RTCEncodedVideoFrame): string {
  return (frame.getMetadata() as { mimeType?: string }).mimeType ?? '';
}

/** Not decodable by any codec: the decoder fails and asks the sender for a keyframe at once. */
const UNREADABLE = new Uint8Array([1, 2, 3]);

export class FrameForwarder {
  readonly #isVideo: boolean;
  readonly #reader: ReadableStreamDefaultReader<EncodedFrame>;
  readonly #decoder: FrameWriter;
  readonly #placeholders: Pick<PlaceholderFrames, 'of'>;
  #target: FrameWriter | undefined;
  /** Frames since the last keyframe, while there is no target. */
  #queued: EncodedFrame[] = [];
  #mustFail = false;

  constructor(kind: string, { readable, writable }: EncodedStreams, placeholders: Pick<PlaceholderFrames, 'of'>) {
    this.#placeholders = placeholders;
    this.#isVideo = kind === 'video';
    this.#reader = readable.getReader();
    this.#decoder = writable.getWriter();
    // Rejects when the receiver's connection ends.
    this.#run().catch(() => undefined);
  }

  /** Forwards all frames to `target` from now on, starting with the queued ones. */
  open(target: FrameWriter): void {
    this.#target = target;
    for (const frame of this.#queued.splice(0)) this.#write(target, frame);
  }

  /** Asks the track's sender for a keyframe. The only way is to make the decoder fail, by the next frame. */
  requestKeyFrame(): void {
    this.#mustFail = this.#isVideo;
  }

  close(): void {
    this.#queued = [];
    void this.#reader.cancel().catch(() => undefined);
  }

  async #run(): Promise<void> {
    for (;;) {
      const { value: frame, done } = await this.#reader.read();
      if (done) return;
      if (this.#isVideo) this.#feedDecoder(frame as RTCEncodedVideoFrame);
      if (this.#target) this.#write(this.#target, frame);
      else this.#enqueue(frame);
    }
  }

  #feedDecoder(frame: RTCEncodedVideoFrame): void {
    const copy = copyOf(frame);
    const isUnreadable = this.#mustFail && frame.type !== 'key';
    this.#mustFail = false;
    const picture = isUnreadable ? UNREADABLE.buffer : this.#placeholders.of(mimeTypeOf(frame));
    if (picture) copy.data = picture.slice(0);
    this.#write(this.#decoder, copy);
  }

  /** Queues video only: queued audio would only arrive late. */
  #enqueue(frame: EncodedFrame): void {
    if (!this.#isVideo) return;
    if ((frame as RTCEncodedVideoFrame).type === 'key') this.#queued = [];
    else if (this.#queued.length === 0 || this.#queued.length >= MAX_QUEUED) return;
    this.#queued.push(frame);
  }

  #write(writer: FrameWriter, frame: EncodedFrame): void {
    // Rejects when the writer's connection is closed: then nobody needs the frame.
    writer.write(frame).catch(() => undefined);
  }
}
