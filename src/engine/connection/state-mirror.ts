// Reports the state of an RTCPeerConnection, so that the page's facade can answer synchronously. One report covers all
// changes of a task, but each change of the ICE state gets a report of its own. A report includes a description only if
// the description has changed. This class owns the connection's state handlers; the owner must call `close` in the end.
import { iceStateOf } from '../../negotiation/ice-state';
import type { PeerConnectionState } from '../../protocol/host-messages';
import type { ConnectionReporter } from './connection-reporter';

export class StateMirror {
  readonly #peerConnection: RTCPeerConnection;
  readonly #reporter: Pick<ConnectionReporter, 'post'>;
  /** Whether the pending report includes a change of the ICE state. Undefined: no report is pending. */
  #iceStateChanged: boolean | undefined;
  #reportedLocal: string | undefined;
  #reportedRemote: string | undefined;

  /** `onFailure` is called after a failure of ICE or encryption was reported. */
  constructor(peerConnection: RTCPeerConnection, reporter: Pick<ConnectionReporter, 'post'>, onFailure: () => void) {
    this.#peerConnection = peerConnection;
    this.#reporter = reporter;
    const changed = (): void => {
      this.#reportSoon(false);
    };
    const iceChanged = (): void => {
      this.#reportSoon(true);
      if (iceStateOf(peerConnection) !== 'failed') return;
      this.#reportNow();
      onFailure();
    };
    peerConnection.onconnectionstatechange = () => {
      const isFailed = peerConnection.connectionState === 'failed';
      // If ICE fails, `iceconnectionstatechange` comes first and reports the failure.
      if (isFailed && peerConnection.iceConnectionState !== 'failed') iceChanged();
      else changed();
    };
    peerConnection.onicegatheringstatechange = changed;
    peerConnection.onsignalingstatechange = changed;
    peerConnection.oniceconnectionstatechange = iceChanged;
  }

  /** Reports the whole state again, for a page that has adopted the connection. */
  repeat(): void {
    this.#reportedLocal = this.#reportedRemote = undefined;
    this.#iceStateChanged = true;
    this.#reportNow();
  }

  close(): void {
    const peerConnection = this.#peerConnection;
    peerConnection.onconnectionstatechange = peerConnection.oniceconnectionstatechange = null;
    peerConnection.onicegatheringstatechange = peerConnection.onsignalingstatechange = null;
    this.#iceStateChanged = undefined;
  }

  #reportSoon(iceStateChanged: boolean): void {
    if (this.#iceStateChanged !== undefined) {
      if (iceStateChanged && this.#iceStateChanged) this.#reportNow();
      else {
        if (iceStateChanged) this.#iceStateChanged = true;
        return;
      }
    }
    this.#iceStateChanged = iceStateChanged;
    queueMicrotask(() => {
      this.#reportNow();
    });
  }

  #reportNow(): void {
    if (this.#iceStateChanged === undefined) return;
    const iceStateChanged = this.#iceStateChanged;
    this.#iceStateChanged = undefined;
    const { connectionState, iceGatheringState, signalingState } = this.#peerConnection;
    const iceConnectionState = iceStateOf(this.#peerConnection);
    const { localDescription, remoteDescription } = this.#peerConnection;
    const state: PeerConnectionState = { connectionState, iceConnectionState, iceGatheringState, signalingState };
    if (localDescription && localDescription.sdp !== this.#reportedLocal) {
      state.localDescription = { type: localDescription.type, sdp: localDescription.sdp };
      this.#reportedLocal = localDescription.sdp;
    }
    if (remoteDescription && remoteDescription.sdp !== this.#reportedRemote) {
      state.remoteDescription = { type: remoteDescription.type, sdp: remoteDescription.sdp };
      this.#reportedRemote = remoteDescription.sdp;
    }
    this.#reporter.post({ type: 'connection.state', state, iceStateChanged });
  }
}
