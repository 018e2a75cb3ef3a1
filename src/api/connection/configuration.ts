// Checks the page's RTCConfiguration and prepares it for the host.
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

/** The usual form of a STUN server, which is certainly valid. The browser must judge any other form. */
const STUN_URL = /^stuns?:[\w.-]+(:\d{1,5})?$/;

let lastChecked: string | undefined;

/**
 * Throws the RTCPeerConnection constructor's error for `config`, as PeerJS's `connect()` does. Calls the constructor only if
 * `config` may be invalid, because a document's first native connection takes at least 10 ms.
 */
export function checkConfiguration(config: RTCConfiguration | undefined): void {
  if (!safe.RTCPeerConnection || isPlain(config)) return;
  const text = safe.stringify(config);
  if (text !== undefined && text === lastChecked) return;
  new safe.RTCPeerConnection(config).close();
  lastChecked = text;
}

/** The members that can cross a port. The page's `certificates` cannot, and the host works without them. */
export function portableConfiguration(config: RTCConfiguration | undefined): PortableConfiguration {
  const { iceServers, iceTransportPolicy, bundlePolicy, rtcpMuxPolicy, iceCandidatePoolSize } = config ?? {};
  const portable = { iceServers, iceTransportPolicy, bundlePolicy, rtcpMuxPolicy, iceCandidatePoolSize };
  // JSON drops members that are undefined or have no plain form.
  return safe.parse(safe.stringify(portable)) as PortableConfiguration;
}

function isPlain(config: RTCConfiguration | undefined): boolean {
  if (config === undefined || config === defaultConfig) return true;
  const { iceServers, ...rest } = config;
  delete (rest as { sdpSemantics?: unknown }).sdpSemantics;
  if (Object.keys(rest).length > 0 || !Array.isArray(iceServers)) return false;
  return iceServers.every(({ urls }) => typeof urls === 'string' && STUN_URL.test(urls));
}
