// Checks a remote peer's offer before an RTCPeerConnection is created for it, because those are expensive and the
// browser's own parser runs only inside one. That parser may still refuse an offer that passes here.

/** Characters. The longest lines of browsers, codec parameters and candidates, have a few hundred. */
const MAX_LINE_LENGTH = 4096;
/** A video section in Chromium has some 150 lines. */
const MAX_LINES = 16_384;

/** RFC 8839, 5.4: 4 to 256 ice-chars in the fragment, 22 to 256 in the password. */
const ICE_UFRAG = /^a=ice-ufrag:[A-Za-z0-9+/]{4,256}$/;
const ICE_PWD = /^a=ice-pwd:[A-Za-z0-9+/]{22,256}$/;
/** RFC 8122, 5. */
const FINGERPRINT = /^a=fingerprint:[\w-]+ [0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+$/i;
/** RFC 8866, 5.14: media, port, protocol, formats. */
const MEDIA = /^m=(audio|video|application) \d{1,5} [A-Z/]+ \S/;
/** RFC 8866, 5.2: user name, session ID and version, and address. */
const ORIGIN = /^o=\S+ \d{1,20} \d{1,20} IN IP[46] \S+$/;
/** RFC 8841, and the older form that browsers wrote before 2019. */
const DATA_CHANNELS = [
  /^m=application \d{1,5} (?:UDP|TCP)\/DTLS\/SCTP webrtc-datachannel$/,
  /^a=sctpmap:\d+ webrtc-datachannel/,
];

/** Whether `sdp` looks like a browser's offer of a data connection or a call. `type` is PeerJS's name for these. */
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

/** The lines of the session part, then those of each section. */
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

/** True if the lines of section and session together have all that ICE and DTLS need. */
function hasTransport(lines: string[]): boolean {
  return [ICE_UFRAG, ICE_PWD, FINGERPRINT].every((form) => lines.some((line) => form.test(line)));
}
