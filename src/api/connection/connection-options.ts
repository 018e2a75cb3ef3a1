// Reads the page's options of a connection for the host. Where the page's value or function fails, emits the error and ends
// the connection.
import type { ConnectionCreate } from '../../protocol/page-messages';
import { safe } from '../safe/built-ins';
import type { BaseConnection, ConnectionProvider } from './base-connection';
import { portableConfiguration } from './configuration';
import { HOST } from './peer-host';

/** The members that the requests for a data connection and for a call share. */
type CommonRequest = Pick<
  ConnectionCreate,
  'peerKey' | 'remotePeerId' | 'connectionId' | 'metadata' | 'constraints' | 'transformsSdp' | 'config'
>;

/** Undefined, after ending the connection, if JSON cannot carry its metadata. The page may have given IDs of any type. */
export function commonRequest(connection: BaseConnection, provider: ConnectionProvider): CommonRequest | undefined {
  const metadata = metadataOf(connection);
  if (!metadata) return undefined;
  const constraints = plainConstraints(connection.options.constraints);
  return {
    peerKey: provider[HOST].peerKey,
    remotePeerId: String(connection.peer),
    connectionId: String(connection.connectionId),
    ...metadata,
    ...(constraints && { constraints }),
    transformsSdp: transformsSdp(connection),
    config: portableConfiguration(provider.options.config),
  };
}

export function transformsSdp({ options }: BaseConnection): boolean {
  return typeof options.sdpTransform === 'function';
}

/** Applies the page's `sdpTransform`, if any. Undefined, after ending the connection, if that throws. */
export function transformedSdp(connection: BaseConnection, sdp: string): string | undefined {
  try {
    return String(connection.options.sdpTransform?.(sdp) || sdp);
  } catch (error) {
    connection.provider?.emitError('webrtc', error as Error);
    connection.emitError('negotiation-failed', `sdpTransform threw: ${String(error)}`);
    connection.close();
    return undefined;
  }
}

function metadataOf(connection: BaseConnection): { metadata?: string } | undefined {
  try {
    const metadata = safe.stringify(connection.metadata) as string | undefined;
    return metadata === undefined ? {} : { metadata };
  } catch (error) {
    // PeerJS fails when it signals the offer, and emits the error on the Peer.
    connection.provider?.emitError('webrtc', error as Error);
    connection.close();
    return undefined;
  }
}

/** RTCOfferOptions without members that cannot cross a port. */
function plainConstraints(constraints: object | undefined): Record<string, string | number | boolean> | undefined {
  if (!constraints) return undefined;
  const plain: Record<string, string | number | boolean> = {};
  for (const key in constraints) {
    const value = (constraints as Record<string, unknown>)[key];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') plain[key] = value;
  }
  return plain;
}
