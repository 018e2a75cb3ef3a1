// RTCConfiguration as far as it can cross a port (`certificates` cannot), bounded, with the members that a browser reads and no
// others. Its values are for the RTCPeerConnection constructor to judge, which throws for what it cannot use, so a member of
// the wrong kind passes as long as it is small.
import * as v from 'valibot';

/** ICE servers of a Peer, and URLs of one: Chromium uses 32, and the browser converts each before it finds anything wrong. */
const MAX_ICE_SERVERS = 64;
/** A host name has up to 253 characters; what comes with it, a few words. */
const MAX_URL_LENGTH = 1024;
/** Browsers take user names of up to 509 bytes. Credentials that are signed tokens have some thousand characters. */
const MAX_CREDENTIAL_LENGTH = 4096;
/** The values that make sense have a dozen letters. */
const MAX_POLICY_LENGTH = 64;
/** JSON text of the whole: each connection that waits has one. */
const MAX_CONFIGURATION_LENGTH = 64 * 1024;

type Kind = v.GenericSchema<unknown, unknown>;

/** An object where text belongs: all that is passed on is that it is one, which the browser refuses. */
const object = v.object({});

/** The browser makes text of what is none. */
const textual = (maxLength: number): Kind => {
  const plain = v.union([v.pipe(v.string(), v.maxLength(maxLength)), v.number(), v.boolean(), v.null()]);
  return v.lazy((value): Kind => (isObject(value) ? object : plain));
};

/** A list costs the page nothing to announce, however long, so its length is looked at first. */
const shortList = (entry: Kind): Kind =>
  v.pipe(v.custom<unknown[]>(isShortList, `has more than ${MAX_ICE_SERVERS} entries`), v.array(entry));

const url = textual(MAX_URL_LENGTH);
const credential = textual(MAX_CREDENTIAL_LENGTH);
const urls = shortList(url);
const iceServer = v.object({
  urls: v.optional(v.lazy((value): Kind => (Array.isArray(value) ? urls : url))),
  /** As `urls` was once named; Firefox still reads it. */
  url: v.optional(url),
  username: v.optional(credential),
  credential: v.optional(credential),
});
const iceServers = shortList(v.lazy((value): Kind => (isObject(value) ? iceServer : url)));
const policy = v.optional(textual(MAX_POLICY_LENGTH));

export const configuration = v.pipe(
  v.object({
    iceServers: v.optional(v.lazy((value): Kind => (Array.isArray(value) ? iceServers : url))),
    iceTransportPolicy: policy,
    bundlePolicy: policy,
    rtcpMuxPolicy: policy,
    iceCandidatePoolSize: policy,
  }),
  v.check(
    (config) => JSON.stringify(config).length <= MAX_CONFIGURATION_LENGTH,
    `is longer than ${MAX_CONFIGURATION_LENGTH} characters of JSON, the most that is taken`,
  ),
);

function isShortList(list: unknown): boolean {
  return Array.isArray(list) && list.length <= MAX_ICE_SERVERS;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
