// The schema of an RTCConfiguration that can cross a port: bounded, and only with members that a browser reads. It leaves
// out `certificates`, which cannot be cloned. It does not judge values: a small member of the wrong type passes, because
// the RTCPeerConnection constructor throws for it.
import * as v from 'valibot';

/** ICE servers of a Peer, and URLs of one server. Chromium uses 32, but converts all before it finds an error. */
const MAX_ICE_SERVERS = 64;
/** A host name has up to 253 characters; the rest of a URL adds a few words. */
const MAX_URL_LENGTH = 1024;
/** Browsers accept user names of up to 509 bytes. Credentials that are signed tokens have about a thousand characters. */
const MAX_CREDENTIAL_LENGTH = 4096;
/** Valid values have about a dozen letters. */
const MAX_POLICY_LENGTH = 64;
/** JSON text of the whole configuration. Every queued connection holds one. */
const MAX_CONFIGURATION_LENGTH = 64 * 1024;

type Kind = v.GenericSchema<unknown, unknown>;

/** An object in place of a text. It is passed on empty, so that the browser refuses it. */
const object = v.object({});

/** Numbers, booleans and null pass, because the browser converts them to text. */
const textual = (maxLength: number): Kind => {
  const plain = v.union([v.pipe(v.string(), v.maxLength(maxLength)), v.number(), v.boolean(), v.null()]);
  return v.lazy((value): Kind => (isObject(value) ? object : plain));
};

/** Checks the length before the entries: a page can announce a huge list for free. */
const shortList = (entry: Kind): Kind =>
  v.pipe(v.custom<unknown[]>(isShortList, `has more than ${MAX_ICE_SERVERS} entries`), v.array(entry));

const url = textual(MAX_URL_LENGTH);
const credential = textual(MAX_CREDENTIAL_LENGTH);
const urls = shortList(url);
const iceServer = v.object({
  urls: v.optional(v.lazy((value): Kind => (Array.isArray(value) ? urls : url))),
  /** The old name of `urls`, which Firefox still reads. */
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
    `is longer than ${MAX_CONFIGURATION_LENGTH} characters of JSON, the limit`,
  ),
);

function isShortList(list: unknown): boolean {
  return Array.isArray(list) && list.length <= MAX_ICE_SERVERS;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
