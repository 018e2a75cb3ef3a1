// A strict look at a remote peer's offer before anything is made for it: an RTCPeerConnection is dear, and the words of the
// browser's own parser come only when there is one. What passes may still be refused by that parser.

/** Of one line. The longest that browsers write, codecs' parameters and candidates, have some hundred characters. */
const MAX_LINE_LENGTH = 4096;
/** Lines. A section of video has some 150 in Chromium. */
const MAX_LINES = 16_384;

/** RFC 8839, 5.4: ice-char, 4 to 256 of them for the fragment and 22 to 256 for the password. */
const ICE_UFRAG = /^a=ice-ufrag:[A-Za-z0-9+/]{4,256}$/;
const ICE_PWD = /^a=ice-pwd:[A-Za-z0-9+/]{22,256}$/;
/** RFC 8122, 5. */
const FINGERPRINT = /^a=fingerprint:[\w-]+ [0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+$/i;
/** RFC 8866, 5.14: media, port, protocol, formats. */
const MEDIA = /^m=(audio|video|application) \d{1,5} [A-Z/]+ \S/;
/** RFC 8866, 5.2: name, number and version of the session, and where it is. */
const ORIGIN = /^o=\S+ \d{1,20} \d{1,20} IN IP[46] \S+$/;
/** RFC 8841, and the form that browsers wrote before 2019. */
const DATA_CHANNELS = [
  /^m=application \d{1,5} (?:UDP|TCP)\/DTLS\/SCTP webrtc-datachannel$/,
  /^a=sctpmap:\d+ webrtc-datachannel/,
];

/** Whether it looks like the offer of a data connection or of a call (`type`: PeerJS's), as browsers write them. */
export function looksLikeOffer(sdp: string, type: 'data' | 'media'): boolean {
  const lines = sdp.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > MAX_LINES || lines.some((line) => line.length > MAX_LINE_LENGTH)) return false;
  if (!lines.every((line) => /^[a-z]=/.test(line))) return false;
  const [session, ...sections] = sectionsOf(lines);
  if (!session || !isSession(session) || sections.length === 0) return false;
  if (!sections.every(([head]) => MEDIA.test(head!))) return false;
  if (type === 'data' && !sections.some(isForDataChannels)) return false;
  return sections.some((section) => hasTransport([...session, ...section]));
}

/** The session's lines, and those of each section. */
function sectionsOf(lines: string[]): string[][] {
  const sections: string[][] = [[]];
  for (const line of lines) {
    if (line.startsWith('m=')) sections.push([]);
    sections.at(-1)!.push(line);
  }
  return sections;
}

function isSession([version, origin, name, ...others]: string[]): boolean {
  return (
    version === 'v=0' &&
    ORIGIN.test(origin ?? '') &&
    /^s=./.test(name ?? '') &&
    others.some((line) => /^t=\d+ \d+$/.test(line))
  );
}

function isForDataChannels(section: string[]): boolean {
  return section.some((line) => DATA_CHANNELS.some((form) => form.test(line)));
}

/** By what the section and the session say: either may say it. */
function hasTransport(lines: string[]): boolean {
  return [ICE_UFRAG, ICE_PWD, FINGERPRINT].every((form) => lines.some((line) => form.test(line)));
}
