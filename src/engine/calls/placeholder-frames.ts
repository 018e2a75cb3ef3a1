// Placeholder pictures for the host's decoders: the smallest keyframe of each codec, made once by the browser's own
// encoder. A decoder without input requests a keyframe several times a second, and a decoder of the real frames needs
// as much of the processor as the page's (both measured in Chromium 156).

/** WebCodecs' codec names by the MIME type of an encoded frame. H.264: constrained baseline, level 1. */
const CODECS: Record<string, string> = {
  'video/VP8': 'vp8',
  'video/VP9': 'vp09.00.10.08',
  'video/AV1': 'av01.0.00M.08',
  'video/H264': 'avc1.42e00a',
};

/** Width and height in pixels. Hardware decoders accept nothing smaller. */
const SIZE = 128;

export class PlaceholderFrames {
  readonly #frames = new Map<string, ArrayBuffer>();
  readonly #asked = new Set<string>();

  /** Undefined until the frame is encoded, and in a browser without an encoder for the codec. */
  of(mimeType: string): ArrayBuffer | undefined {
    if (!this.#asked.has(mimeType)) {
      this.#asked.add(mimeType);
      // Without a placeholder the decoder gets the real frames, which costs more and does no harm.
      void this.#make(mimeType).catch(() => undefined);
    }
    return this.#frames.get(mimeType);
  }

  async #make(mimeType: string): Promise<void> {
    const codec = CODECS[mimeType];
    if (codec === undefined) return;
    const frame = await encodedKeyFrame(codec);
    if (frame) this.#frames.set(mimeType, frame);
  }
}

/** Encodes a gray picture. */
async function encodedKeyFrame(codec: string): Promise<ArrayBuffer | undefined> {
  let data: ArrayBuffer | undefined;
  const encoder = new VideoEncoder({
    output: (chunk) => {
      data ??= new ArrayBuffer(chunk.byteLength);
      chunk.copyTo(data);
    },
    // `flush` rejects with the error.
    error: () => undefined,
  });
  encoder.configure({
    codec,
    width: SIZE,
    height: SIZE,
    latencyMode: 'realtime',
    // Parameter sets in the stream, as RTP carries them.
    ...(codec.startsWith('avc1') && { avc: { format: 'annexb' } }),
  });
  const pixels = new Uint8Array((SIZE * SIZE * 3) / 2).fill(128);
  const picture = new VideoFrame(pixels, { format: 'I420', codedWidth: SIZE, codedHeight: SIZE, timestamp: 0 });
  encoder.encode(picture, { keyFrame: true });
  picture.close();
  await encoder.flush();
  encoder.close();
  return data;
}
