// Reads and rewrites session descriptions, so that the two legs of a hosted call agree on their media: the streams that
// a section carries, and its codecs with their payload types.

/** A media stream as a description names it (`a=msid`, RFC 8830). */
export interface StreamName {
  streamId: string;
  trackId: string;
}

const CODEC_LINES = /^a=(?:rtpmap|fmtp|rtcp-fb):.*\r\n/gm;
const SSRC_MSID = /^a=ssrc:(\d+) msid:.*\r\n/gm;

/** The audio and video sections of the description as text, in order. */
export function mediaSections(sdp: string): string[] {
  return sections(sdp).filter(isMedia);
}

/** The streams that a section's track belongs to; empty if the section sends nothing or names no stream. */
export function streamsOf(section: string): StreamName[] {
  if (!/^a=(?:sendrecv|sendonly)\r$/m.test(section)) return [];
  const names = section.matchAll(/^a=msid:(\S+) (\S+)\r$/gm);
  return Array.from(names, ([, streamId = '-', trackId = '-']) => ({ streamId, trackId })).filter(
    ({ streamId }) => streamId !== '-',
  );
}

/** `sdp` with each media section's track in the given streams; undefined leaves a section as it is. */
export function withStreams(sdp: string, streams: readonly (readonly StreamName[] | undefined)[]): string {
  return changeMedia(sdp, (section, index) => {
    const names = streams[index];
    const [first] = names ?? [];
    if (!names || !/^a=(?:sendrecv|sendonly)\r$/m.test(section)) return section;
    const lines = names.map(({ streamId, trackId }) => `a=msid:${streamId} ${trackId}\r\n`).join('');
    return section
      .replace(/^a=msid:.*\r\n/gm, '')
      .replace(SSRC_MSID, (_line, ssrc: string) =>
        first ? `a=ssrc:${ssrc} msid:${first.streamId} ${first.trackId}\r\n` : '',
      )
      .replace(/^a=(?:sendrecv|sendonly)\r\n/m, (line) => line + (lines || 'a=msid:- -\r\n'));
  });
}

/**
 * `sdp` with the codecs and payload types of the other leg's media sections. A sender uses the first codec that the
 * remote description lists, so the codecs that the other leg's remote end receives (`theirs`) come first; those that it
 * may send by our own description (`ours`) follow.
 */
export function withCodecs(sdp: string, theirs: readonly string[], ours: readonly string[]): string {
  return changeMedia(sdp, (section, index) => {
    const first = theirs[index];
    if (first === undefined) return section;
    const payloadTypes = payloadTypesOf(first);
    const second = ours[index] ?? '';
    const others = payloadTypesOf(second).filter((type) => !payloadTypes.includes(type));
    const lines = [...codecLines(first, payloadTypes), ...codecLines(second, others)].join('');
    const list = [...payloadTypes, ...others].join(' ');
    return section
      .replace(CODEC_LINES, '')
      .replace(/^(m=\S+ \S+ \S+) .*\r\n/, (_line, head: string) => `${head} ${list}\r\n`)
      .replace(/^a=rtcp-mux\r\n/m, (line) => line + lines);
  });
}

/**
 * `sdp` with a start bitrate for video, bits per second (`x-google-start-bitrate` on the first codec of each section).
 * Chromium's sender starts at this estimate and probes for more, first at three and six times as much.
 */
export function withStartBitrate(sdp: string, bitrate: number): string {
  const parameter = `x-google-start-bitrate=${Math.round(bitrate / 1000)}`;
  return changeMedia(sdp, (section) => {
    const [payloadType] = payloadTypesOf(section);
    if (!section.startsWith('m=video') || payloadType === undefined) return section;
    const fmtp = new RegExp(`^a=fmtp:${payloadType} .*(?=\\r$)`, 'm');
    if (fmtp.test(section)) return section.replace(fmtp, (line) => `${line};${parameter}`);
    const rtpmap = new RegExp(`^a=rtpmap:${payloadType} .*\\r\\n`, 'm');
    return section.replace(rtpmap, (line) => `${line}a=fmtp:${payloadType} ${parameter}\r\n`);
  });
}

function sections(sdp: string): string[] {
  return sdp.split(/^(?=m=)/m);
}

function isMedia(section: string): boolean {
  return /^m=(?:audio|video) /.test(section);
}

function changeMedia(sdp: string, change: (section: string, index: number) => string): string {
  let index = 0;
  return sections(sdp)
    .map((section) => (isMedia(section) ? change(section, index++) : section))
    .join('');
}

/** Only numbers: a remote peer wrote the text, and the results become part of regular expressions. */
function payloadTypesOf(section: string): string[] {
  const [line = ''] = /^m=.*(?=\r$)/m.exec(section) ?? [];
  return line
    .split(' ')
    .slice(3)
    .filter((payloadType) => /^\d{1,3}$/.test(payloadType));
}

function codecLines(section: string, payloadTypes: readonly string[]): string[] {
  const lines = section.match(CODEC_LINES) ?? [];
  return lines.filter((line) => payloadTypes.includes(/:(\d+)/.exec(line)?.[1] ?? ''));
}
