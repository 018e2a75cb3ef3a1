// The page's RTCConfiguration on its way to the host.
import type { PortableConfiguration } from '../protocol/page-messages';
import { safe } from './built-ins';

let lastChecked: string | undefined;

/**
 * Throws what the RTCPeerConnection constructor throws for `config`, as PeerJS does from `connect()`. A configuration that
 * was found good is not tried again: a native connection costs a millisecond.
 */
export function checkConfiguration(config: RTCConfiguration | undefined): void {
  if (!safe.RTCPeerConnection) return;
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
