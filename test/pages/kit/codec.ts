// Limits descriptions to a single video codec; for use in `sdpTransform`.

/** Keeps only the payload types of `codec` and their `rtx` in the video sections. */
export function onlyCodec(sdp: string, codec: string): string {
  return sections(sdp)
    .map((section) => (section.startsWith('m=video') ? keep(section, typesOf(section, codec)) : section))
    .join('');
}

/** The names of the video codecs, each once, without `rtx` and error correction. */
export function videoCodecs(sdp: string): string[] {
  const video = sections(sdp).filter((section) => section.startsWith('m=video'));
  const names = video.flatMap((section) => [...section.matchAll(/^a=rtpmap:\d+ (\w+)/gm)].map(([, name]) => name!));
  return [...new Set(names)].filter((name) => !['rtx', 'red', 'ulpfec', 'flexfec'].includes(name));
}

function sections(sdp: string): string[] {
  return sdp.split(/(?=^m=)/m);
}

function typesOf(section: string, codec: string): Set<string> {
  const own = [...section.matchAll(/^a=rtpmap:(\d+) (\w+)/gm)].filter(([, , name]) => name === codec);
  const types = new Set(own.map(([, type]) => type!));
  for (const [, repair, repaired] of section.matchAll(/^a=fmtp:(\d+) apt=(\d+)/gm)) {
    if (types.has(repaired!)) types.add(repair!);
  }
  return types;
}

function keep(section: string, types: Set<string>): string {
  return section
    .replace(/^(m=video \d+ \S+) (.*)$/m, (_, head: string, all: string) =>
      [
        head,
        ...all
          .trim()
          .split(' ')
          .filter((type) => types.has(type)),
      ].join(' '),
    )
    .split(/(?<=\n)/)
    .filter((line) => types.has(/^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line)?.[1] ?? [...types][0]!))
    .join('');
}
