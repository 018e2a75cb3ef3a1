// The page's RTCConfiguration on its way to the host.
import type { PortableConfiguration } from '../../protocol/page-messages';
import { safe } from '../safe/built-ins';

/** One object for all Peers of the page; pages change it. */
export const defaultConfig: RTCConfiguration & { sdpSemantics?: string } = {
  iceServers: [
    { urls: 'stun:stun.l.google.com:19302' },
    {
      urls: ['turn:eu-0.turn.peerjs.com:3478', 'turn:us-0.turn.peerjs.com:3478'],
      username: 'peerjs',
      credential: 'peerjsp',
    },
  ],
  sdpSemantics: 'unified-plan',
};

/** What anyone would write down as a server; anything else is for the browser to judge. */
const STUN_URL = /^stuns?:[\w.-]+(:\d{1,5})?$/;

let lastChecked: string | undefined;

/**
 * Throws what the RTCPeerConnection constructor throws for `config`, as PeerJS does from `connect()`. It is asked only
 * where there may be something to throw for: a document's first native connection takes 10 ms and more.
 */
export function checkConfiguration(config: RTCConfiguration | undefined): void {
  if (!safe.RTCPeerConnection || isPlain(config)) return;
  const text = safe.stringify(config);
  if (text !== undefined && text === lastChecked) return;
  new safe.RTCPeerConnection(config).close();
  lastChecked = text;
}

/** The members that the host can be told; it works without the page's `certificates`, which are bound to the page. */
export function portableConfiguration(config: RTCConfiguration | undefined): PortableConfiguration {
  const { iceServers, iceTransportPolicy, bundlePolicy, rtcpMuxPolicy, iceCandidatePoolSize } = config ?? {};
  const portable = { iceServers, iceTransportPolicy, bundlePolicy, rtcpMuxPolicy, iceCandidatePoolSize };
  // The way through JSON drops what is undefined or has no plain form.
  return safe.parse(safe.stringify(portable)) as PortableConfiguration;
}

function isPlain(config: RTCConfiguration | undefined): boolean {
  if (config === undefined || config === defaultConfig) return true;
  const { iceServers, ...rest } = config;
  delete (rest as { sdpSemantics?: unknown }).sdpSemantics;
  if (Object.keys(rest).length > 0 || !Array.isArray(iceServers)) return false;
  return iceServers.every(({ urls }) => typeof urls === 'string' && STUN_URL.test(urls));
}
