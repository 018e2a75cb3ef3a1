// The parts of session descriptions that decide which media go where: whose stream a section carries, and which codecs
// under which payload types. What the two legs of a hosted call have to agree on is brought from one to the other here.

/** A media stream as a description names it (`a=msid`, RFC 8830). */
export interface StreamName {
  streamId: string;
  trackId: string;
}

const CODEC_LINES = /^a=(?:rtpmap|fmtp|rtcp-fb):.*\r\n/gm;
const SSRC_MSID = /^a=ssrc:(\d+) msid:.*\r\n/gm;

/** The description's sections of audio and video, as text, in order. */
export function mediaSections(sdp: string): string[] {
  return sections(sdp).filter(isMedia);
}

/** The streams that a section's sender puts its track into; empty where it sends none. */
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
 * `sdp` with the codecs of another connection's media sections under that one's payload types. A sender takes the first
 * codec that the other end's description lists, so what that other end (`theirs`) wants comes first; what it may send
 * by our own description (`ours`) follows.
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
 * `sdp` with a first estimate of the bandwidth for each video codec, bits a second. Chromium's sender begins there
 * (`x-google-start-bitrate`) and looks by probes how much more there is, three and six times as much at first.
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

/** Numbers only: the text is a remote peer's, and becomes part of patterns here. */
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
