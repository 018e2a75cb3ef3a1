// Tests a relay for the settings page: gathers candidates with only that server and returns the result. Contacts nobody
// but the server.
import { messageOf } from '../../protocol/errors';
import { UNREACHABLE } from '../../protocol/ice-errors';
import type { OwnIceServer, RelayTestResult } from '../../protocol/ui-messages';

/** A working relay answers within a second or two. The browser itself gives up after 10 to 40 seconds. */
const TEST_TIMEOUT_MS = 10_000;

type RelayTestError = NonNullable<RelayTestResult['error']>;

/** Never rejects. Resolves after ten seconds at the latest. */
export async function testRelay(
  createPeerConnection: (config: RTCConfiguration) => RTCPeerConnection,
  server: OwnIceServer,
): Promise<RelayTestResult> {
  let peerConnection: RTCPeerConnection;
  try {
    peerConnection = createPeerConnection({ iceServers: [server], iceTransportPolicy: 'relay' });
  } catch (error) {
    return invalid(error);
  }
  try {
    return await gather(peerConnection);
  } finally {
    peerConnection.onicecandidate = peerConnection.onicecandidateerror = null;
    peerConnection.close();
  }
}

function gather(peerConnection: RTCPeerConnection): Promise<RelayTestResult> {
  return new Promise((resolve) => {
    let failure: RelayTestError | undefined;
    const timer = setTimeout(() => {
      resolve({ error: failure ?? { code: 'timeout', text: '', url: '' } });
    }, TEST_TIMEOUT_MS);
    peerConnection.onicecandidate = ({ candidate }) => {
      // An empty candidate ends one generation of candidates, null ends all.
      if (candidate?.candidate === '') return;
      clearTimeout(timer);
      resolve(candidate ? described(candidate) : { error: failure ?? { code: 'no-relay', text: '', url: '' } });
    };
    peerConnection.onicecandidateerror = ({ errorCode, errorText, url }) => {
      // There is one error for each address of the server and each network of this browser. An answer of the server
      // tells more than “unreachable”, so keep it.
      if (failure && (failure.code !== UNREACHABLE || errorCode === UNREACHABLE)) return;
      failure = { code: errorCode, text: errorText, url };
    };
    peerConnection.createDataChannel('test');
    peerConnection.setLocalDescription().catch((error: unknown) => {
      clearTimeout(timer);
      resolve(invalid(error));
    });
  });
}

function invalid(error: unknown): RelayTestResult {
  return { error: { code: 'invalid', text: messageOf(error), url: '' } };
}

/** `relayProtocol` is standard, but missing in TypeScript's library. */
function described({
  address,
  port,
  protocol,
  relayProtocol,
}: RTCIceCandidate & { relayProtocol?: string | null }): RelayTestResult {
  return {
    candidate: {
      address: address ?? '',
      port: port ?? 0,
      protocol: protocol ?? '',
      ...(relayProtocol && { relayProtocol }),
    },
  };
}
