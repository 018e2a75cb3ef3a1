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
  it.each(BROWSERS)('gives audio and video of %s, and no data channel', (_, sdp) => {
    expect(mediaSections(sdp).map((media) => media.slice(0, 7))).toEqual(['m=audio', 'm=video']);
    expect(withoutMedia(sdp)).toContain('m=application');
  });

  it('gives nothing of a description without media, or of no description', () => {
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

  it('names none where nothing is sent', () => {
    const sent = [{ streamId: '{ff-stream}', trackId: '{ff-video}' }];
    expect(mediaSections(FIREFOX).map(streamsOf)).toEqual([[], sent]);
  });

  it('names all where a track is in several', () => {
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

  it('names none of a section that is rejected', () => {
    expect(streamsOf(section('video 0 X 96', 'a=inactive', 'a=msid:s1 t1'))).toEqual([]);
  });
});

describe('withStreams', () => {
  it('names the streams anew, in Chromium’s lines by source too', () => {
    const sdp = withStreams(CHROMIUM, [[name(1)], [name(2)]]);
    expect(mediaSections(sdp).map(streamsOf)).toEqual([[name(1)], [name(2)]]);
    expect(lines(sdp, 0, 'a=ssrc:')).toEqual(['a=ssrc:1001 cname:kNaMe', 'a=ssrc:1001 msid:s1 t1']);
    expect(lines(sdp, 1, 'a=ssrc:2002')).toEqual(['a=ssrc:2002 cname:kNaMe', 'a=ssrc:2002 msid:s2 t2']);
    expect(withoutMedia(sdp)).toBe(withoutMedia(CHROMIUM));
  });

  it('leaves a section that sends nothing as it is', () => {
    const sdp = withStreams(FIREFOX, [[name(1)], [name(2)]]);
    expect(mediaSections(sdp)[0]).toBe(mediaSections(FIREFOX)[0]);
    expect(lines(sdp, 1, 'a=msid:')).toEqual(['a=msid:s2 t2']);
  });

  it('names several', () => {
    const sdp = withStreams(CHROMIUM, [[name(1), name(2)]]);
    expect(lines(sdp, 0, 'a=msid:')).toEqual(['a=msid:s1 t1', 'a=msid:s2 t2']);
  });

  it('says of a track that it is in none', () => {
    const sdp = withStreams(CHROMIUM, [[]]);
    expect(lines(sdp, 0, 'a=msid:')).toEqual(['a=msid:- -']);
    expect(lines(sdp, 0, 'a=ssrc:')).toEqual(['a=ssrc:1001 cname:kNaMe']);
  });

  it('leaves sections of which nothing is said', () => {
    expect(withStreams(CHROMIUM, [])).toBe(CHROMIUM);
    expect(withStreams(CHROMIUM, [undefined, undefined])).toBe(CHROMIUM);
  });

  it('puts names in as they are', () => {
    const odd = { streamId: '$&$1', trackId: "$'" };
    expect(streamsOf(mediaSections(withStreams(CHROMIUM, [[odd]]))[0]!)).toEqual([odd]);
  });
});

describe('withCodecs', () => {
  it('takes codecs over under the other’s payload types, with all that belongs to them', () => {
    const sdp = withCodecs(CHROMIUM, mediaSections(FIREFOX), []);
    expect(lines(sdp, 1, 'm=')).toEqual(['m=video 9 UDP/TLS/RTP/SAVPF 120 124 126 127']);
    expect(lines(sdp, 1, 'a=rtpmap:')).toEqual(lines(FIREFOX, 1, 'a=rtpmap:'));
    expect(lines(sdp, 1, 'a=fmtp:')).toEqual(lines(FIREFOX, 1, 'a=fmtp:'));
    expect(lines(sdp, 1, 'a=rtcp-fb:')).toEqual(lines(FIREFOX, 1, 'a=rtcp-fb:'));
    expect(lines(sdp, 0, 'm=')).toEqual(['m=audio 9 UDP/TLS/RTP/SAVPF 109 9']);
    expect(lines(sdp, 0, 'a=rtpmap:')).toEqual(['a=rtpmap:109 opus/48000/2', 'a=rtpmap:9 G722/8000/1']);
  });

  it('keeps all else', () => {
    const isOfCodecs = /^(?:m=|a=(?:rtpmap|fmtp|rtcp-fb):)/;
    const others = (sdp: string): string[] => sdp.split('\r\n').filter((line) => !isOfCodecs.test(line));
    expect(others(withCodecs(CHROMIUM, mediaSections(FIREFOX), []))).toEqual(others(CHROMIUM));
  });

  it('appends what the second description has besides', () => {
    const sdp = withCodecs(CHROMIUM, mediaSections(FIREFOX), mediaSections(CHROMIUM));
    expect(lines(sdp, 1, 'm=')).toEqual(['m=video 9 UDP/TLS/RTP/SAVPF 120 124 126 127 96 97 103 104']);
    expect(lines(sdp, 1, 'a=fmtp:97')).toEqual(['a=fmtp:97 apt=96']);
    expect(lines(sdp, 1, 'a=fmtp:124')).toEqual(['a=fmtp:124 apt=120']);
  });

  it('lets the first have a payload type that both use', () => {
    const sdp = withCodecs(CHROMIUM, mediaSections(FIREFOX), mediaSections(CHROMIUM));
    // 9 is G722 in both, and written by each browser in a way of its own.
    expect(lines(sdp, 0, 'm=')).toEqual(['m=audio 9 UDP/TLS/RTP/SAVPF 109 9 111 63']);
    expect(lines(sdp, 0, 'a=rtpmap:9 ')).toEqual(['a=rtpmap:9 G722/8000/1']);
  });

  it('leaves sections without a counterpart', () => {
    expect(withCodecs(CHROMIUM, [], [])).toBe(CHROMIUM);
  });

  it('takes the section of the same place, whatever comes between', () => {
    const [audio, video] = mediaSections(CHROMIUM) as [string, string];
    const sdp = CHROMIUM.replace(audio, '') + audio;
    expect(lines(withCodecs(sdp, [video, audio], []), 0, 'm=')).toEqual(lines(CHROMIUM, 1, 'm='));
  });
});

describe('withStartBitrate', () => {
  it('adds to the parameters that the first codec of a video has', () => {
    const sdp = withStartBitrate(FIREFOX, 500_000);
    expect(lines(sdp, 1, 'a=fmtp:120')).toEqual(['a=fmtp:120 max-fs=12288;max-fr=60;x-google-start-bitrate=500']);
  });

  it('gives parameters to one that has none', () => {
    const sdp = withStartBitrate(CHROMIUM, 2_500_000);
    expect(lines(sdp, 1, 'a=fmtp:96')).toEqual(['a=fmtp:96 x-google-start-bitrate=2500']);
    expect(sdp).toContain('a=rtpmap:96 VP8/90000\r\na=fmtp:96 x-google-start-bitrate=2500\r\n');
  });

  it('says it once a video, and of nothing else', () => {
    const sdp = withStartBitrate(CHROMIUM, 500_000);
    expect(sdp.match(/x-google-start-bitrate/g)).toHaveLength(1);
    expect(sdp.replace('a=fmtp:96 x-google-start-bitrate=500\r\n', '')).toBe(CHROMIUM);
  });

  it('is not confused by a payload type that begins alike', () => {
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

  // The text is a remote peer's: as part of a pattern it could throw, or keep the host busy for good.
  it.each(['(((', '((a|a)*)*z', '.*'])('takes %s for no payload type', (type) => {
    const sdp = section(`video 9 X ${type}`, `a=rtpmap:${'a'.repeat(40)} VP8/90000`, `a=fmtp:${'a'.repeat(40)} b`);
    expect(withStartBitrate(sdp, 500_000)).toBe(sdp);
  });
});
