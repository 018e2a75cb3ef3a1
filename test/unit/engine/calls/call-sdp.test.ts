import { describe, expect, it } from 'vitest';
import {
  mediaSections,
  streamsOf,
  withCodecs,
  withStartBitrate,
  withStreams,
} from '../../../../src/engine/calls/call-sdp';
import { CHROMIUM, FIREFOX, section } from '../../../support/sdp-samples';

const BROWSERS = [
  ['Chromium', CHROMIUM],
  ['Firefox', FIREFOX],
] as const;

/** The lines of a description's media section `index` that begin with `start`. */
function lines(sdp: string, index: number, start: string): string[] {
  const all = mediaSections(sdp)[index]!.split('\r\n');
  return all.filter((line) => line.startsWith(start));
}

/** A description with its media sections taken out. */
function withoutMedia(sdp: string): string {
  return mediaSections(sdp).reduce((rest, media) => rest.replace(media, ''), sdp);
}

const name = (n: number) => ({ streamId: `s${n}`, trackId: `t${n}` });

describe('mediaSections', () => {
  it.each(BROWSERS)('returns the audio and video sections of %s, and no data channel', (_, sdp) => {
    expect(mediaSections(sdp).map((media) => media.slice(0, 7))).toEqual(['m=audio', 'm=video']);
    expect(withoutMedia(sdp)).toContain('m=application');
  });

  it('returns nothing for a description without media, and for no description', () => {
    expect(mediaSections(withoutMedia(CHROMIUM))).toEqual([]);
    expect(mediaSections('')).toEqual([]);
  });
});

describe('streamsOf', () => {
  it('names the stream and track of a section', () => {
    expect(mediaSections(CHROMIUM).map(streamsOf)).toEqual([
      [{ streamId: '11aa-stream', trackId: '11aa-audio' }],
      [{ streamId: '11aa-stream', trackId: '11aa-video' }],
    ]);
  });

  it('names no stream if the section sends nothing', () => {
    const sent = [{ streamId: '{ff-stream}', trackId: '{ff-video}' }];
    expect(mediaSections(FIREFOX).map(streamsOf)).toEqual([[], sent]);
  });

  it('names all streams of a track', () => {
    const media = section('video 9 X 96', 'a=sendonly', 'a=msid:s1 t1', 'a=msid:s2 t2');
    expect(streamsOf(media)).toEqual([name(1), name(2)]);
  });

  it.each([
    ['no msid', []],
    ['the msid of a track in no stream', ['a=msid:- t']],
  ])('names none for %s', (_, msid) => {
    expect(streamsOf(section('video 9 X 96', 'a=sendrecv', ...msid))).toEqual([]);
    expect(streamsOf(section('video 9 X 96', 'a=sendrecv', 'a=msid:s1 t1'))).toEqual([name(1)]);
  });

  it('names no stream of a rejected section', () => {
    expect(streamsOf(section('video 0 X 96', 'a=inactive', 'a=msid:s1 t1'))).toEqual([]);
  });
});

describe('withStreams', () => {
  it('replaces the streams, in Chromium’s ssrc lines too', () => {
    const sdp = withStreams(CHROMIUM, [[name(1)], [name(2)]]);
    expect(mediaSections(sdp).map(streamsOf)).toEqual([[name(1)], [name(2)]]);
    expect(lines(sdp, 0, 'a=ssrc:')).toEqual(['a=ssrc:1001 cname:kNaMe', 'a=ssrc:1001 msid:s1 t1']);
    expect(lines(sdp, 1, 'a=ssrc:2002')).toEqual(['a=ssrc:2002 cname:kNaMe', 'a=ssrc:2002 msid:s2 t2']);
    expect(withoutMedia(sdp)).toBe(withoutMedia(CHROMIUM));
  });

  it('leaves a section that sends nothing unchanged', () => {
    const sdp = withStreams(FIREFOX, [[name(1)], [name(2)]]);
    expect(mediaSections(sdp)[0]).toBe(mediaSections(FIREFOX)[0]);
    expect(lines(sdp, 1, 'a=msid:')).toEqual(['a=msid:s2 t2']);
  });

  it('writes several streams', () => {
    const sdp = withStreams(CHROMIUM, [[name(1), name(2)]]);
    expect(lines(sdp, 0, 'a=msid:')).toEqual(['a=msid:s1 t1', 'a=msid:s2 t2']);
  });

  it('writes that a track is in no stream', () => {
    const sdp = withStreams(CHROMIUM, [[]]);
    expect(lines(sdp, 0, 'a=msid:')).toEqual(['a=msid:- -']);
    expect(lines(sdp, 0, 'a=ssrc:')).toEqual(['a=ssrc:1001 cname:kNaMe']);
  });

  it('leaves sections without given streams unchanged', () => {
    expect(withStreams(CHROMIUM, [])).toBe(CHROMIUM);
    expect(withStreams(CHROMIUM, [undefined, undefined])).toBe(CHROMIUM);
  });

  it('writes names literally, even with replacement patterns', () => {
    const odd = { streamId: '$&$1', trackId: "$'" };
    expect(streamsOf(mediaSections(withStreams(CHROMIUM, [[odd]]))[0]!)).toEqual([odd]);
  });
});

describe('withCodecs', () => {
  it('takes codecs with their payload types and all their lines', () => {
    const sdp = withCodecs(CHROMIUM, mediaSections(FIREFOX), []);
    expect(lines(sdp, 1, 'm=')).toEqual(['m=video 9 UDP/TLS/RTP/SAVPF 120 124 126 127']);
    expect(lines(sdp, 1, 'a=rtpmap:')).toEqual(lines(FIREFOX, 1, 'a=rtpmap:'));
    expect(lines(sdp, 1, 'a=fmtp:')).toEqual(lines(FIREFOX, 1, 'a=fmtp:'));
    expect(lines(sdp, 1, 'a=rtcp-fb:')).toEqual(lines(FIREFOX, 1, 'a=rtcp-fb:'));
    expect(lines(sdp, 0, 'm=')).toEqual(['m=audio 9 UDP/TLS/RTP/SAVPF 109 9']);
    expect(lines(sdp, 0, 'a=rtpmap:')).toEqual(['a=rtpmap:109 opus/48000/2', 'a=rtpmap:9 G722/8000/1']);
  });

  it('keeps all other lines', () => {
    const isOfCodecs = /^(?:m=|a=(?:rtpmap|fmtp|rtcp-fb):)/;
    const others = (sdp: string): string[] => sdp.split('\r\n').filter((line) => !isOfCodecs.test(line));
    expect(others(withCodecs(CHROMIUM, mediaSections(FIREFOX), []))).toEqual(others(CHROMIUM));
  });

  it('appends the codecs that only the second description has', () => {
    const sdp = withCodecs(CHROMIUM, mediaSections(FIREFOX), mediaSections(CHROMIUM));
    expect(lines(sdp, 1, 'm=')).toEqual(['m=video 9 UDP/TLS/RTP/SAVPF 120 124 126 127 96 97 103 104']);
    expect(lines(sdp, 1, 'a=fmtp:97')).toEqual(['a=fmtp:97 apt=96']);
    expect(lines(sdp, 1, 'a=fmtp:124')).toEqual(['a=fmtp:124 apt=120']);
  });

  it('uses the first description’s codec for a payload type that both use', () => {
    const sdp = withCodecs(CHROMIUM, mediaSections(FIREFOX), mediaSections(CHROMIUM));
    // Payload type 9 is G722 in both, but each browser writes it differently.
    expect(lines(sdp, 0, 'm=')).toEqual(['m=audio 9 UDP/TLS/RTP/SAVPF 109 9 111 63']);
    expect(lines(sdp, 0, 'a=rtpmap:9 ')).toEqual(['a=rtpmap:9 G722/8000/1']);
  });

  it('leaves sections without a counterpart unchanged', () => {
    expect(withCodecs(CHROMIUM, [], [])).toBe(CHROMIUM);
  });

  it('matches media sections by position, whatever lies between', () => {
    const [audio, video] = mediaSections(CHROMIUM) as [string, string];
    const sdp = CHROMIUM.replace(audio, '') + audio;
    expect(lines(withCodecs(sdp, [video, audio], []), 0, 'm=')).toEqual(lines(CHROMIUM, 1, 'm='));
  });
});

describe('withStartBitrate', () => {
  it('extends the parameters of the first video codec', () => {
    const sdp = withStartBitrate(FIREFOX, 500_000);
    expect(lines(sdp, 1, 'a=fmtp:120')).toEqual(['a=fmtp:120 max-fs=12288;max-fr=60;x-google-start-bitrate=500']);
  });

  it('adds parameters to a codec without any', () => {
    const sdp = withStartBitrate(CHROMIUM, 2_500_000);
    expect(lines(sdp, 1, 'a=fmtp:96')).toEqual(['a=fmtp:96 x-google-start-bitrate=2500']);
    expect(sdp).toContain('a=rtpmap:96 VP8/90000\r\na=fmtp:96 x-google-start-bitrate=2500\r\n');
  });

  it('adds one bitrate per video section, and none to other sections', () => {
    const sdp = withStartBitrate(CHROMIUM, 500_000);
    expect(sdp.match(/x-google-start-bitrate/g)).toHaveLength(1);
    expect(sdp.replace('a=fmtp:96 x-google-start-bitrate=500\r\n', '')).toBe(CHROMIUM);
  });

  it('distinguishes a payload type from a longer one with the same start', () => {
    const media = section('video 9 X 9 96', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 a=1', 'a=rtpmap:9 VP9/90000');
    expect(lines(withStartBitrate(media, 1000), 0, 'a=fmtp:96')).toEqual(['a=fmtp:96 a=1']);
    expect(lines(withStartBitrate(media, 1000), 0, 'a=fmtp:9 ')).toEqual(['a=fmtp:9 x-google-start-bitrate=1']);
  });

  it.each([
    ['without codecs', section('video 0 UDP/TLS/RTP/SAVPF', 'a=inactive')],
    ['cut off', 'm=video'],
    ['empty', ''],
  ])('leaves what is %s', (_, sdp) => {
    expect(withStartBitrate(sdp, 500_000)).toBe(sdp);
  });

  // A remote peer writes the text. As part of a pattern it could throw, or block the host forever.
  it.each(['(((', '((a|a)*)*z', '.*'])('does not accept %s as a payload type', (type) => {
    const sdp = section(`video 9 X ${type}`, `a=rtpmap:${'a'.repeat(40)} VP8/90000`, `a=fmtp:${'a'.repeat(40)} b`);
    expect(withStartBitrate(sdp, 500_000)).toBe(sdp);
  });
});
