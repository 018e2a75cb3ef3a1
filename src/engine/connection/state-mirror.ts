// Reports the state of an RTCPeerConnection, so that the page's facade can answer synchronously. Changes in one task
// are reported together, but each change of the ICE state is reported on its own. Descriptions are included only when
// they change.
import { iceStateOf } from '../../negotiation/ice-state';
import type { PeerConnectionState } from '../../protocol/host-messages';

export class StateMirror {
  readonly #peerConnection: RTCPeerConnection;
  readonly #tell: (state: PeerConnectionState, iceStateChanged: boolean) => void;
  /** Undefined: no report is due. */
  #iceStateChanged: boolean | undefined;
  #toldLocal: string | undefined;
  #toldRemote: string | undefined;

  constructor(
    peerConnection: RTCPeerConnection,
    tell: (state: PeerConnectionState, iceStateChanged: boolean) => void,
    onFailure: () => void,
  ) {
    this.#peerConnection = peerConnection;
    this.#tell = tell;
    const changed = (): void => {
      this.#tellSoon(false);
    };
    const iceChanged = (): void => {
      this.#tellSoon(true);
      if (iceStateOf(peerConnection) !== 'failed') return;
      this.#tellNow();
      onFailure();
    };
    peerConnection.onconnectionstatechange = () => {
      const isFailed = peerConnection.connectionState === 'failed';
      // ICE that fails tells so itself, and first.
      if (isFailed && peerConnection.iceConnectionState !== 'failed') iceChanged();
      else changed();
    };
    peerConnection.onicegatheringstatechange = changed;
    peerConnection.onsignalingstatechange = changed;
    peerConnection.oniceconnectionstatechange = iceChanged;
  }

  /** Reports the whole state again, for a page that has adopted the connection. */
  repeat(): void {
    this.#toldLocal = this.#toldRemote = undefined;
    this.#iceStateChanged = true;
    this.#tellNow();
  }

  close(): void {
    const peerConnection = this.#peerConnection;
    peerConnection.onconnectionstatechange = peerConnection.oniceconnectionstatechange = null;
    peerConnection.onicegatheringstatechange = peerConnection.onsignalingstatechange = null;
    this.#iceStateChanged = undefined;
  }

  #tellSoon(iceStateChanged: boolean): void {
    if (this.#iceStateChanged !== undefined) {
      if (iceStateChanged && this.#iceStateChanged) this.#tellNow();
      else {
        if (iceStateChanged) this.#iceStateChanged = true;
        return;
      }
    }
    this.#iceStateChanged = iceStateChanged;
    queueMicrotask(() => {
      this.#tellNow();
    });
  }

  #tellNow(): void {
    if (this.#iceStateChanged === undefined) return;
    const iceStateChanged = this.#iceStateChanged;
    this.#iceStateChanged = undefined;
    const { connectionState, iceGatheringState, signalingState } = this.#peerConnection;
    const iceConnectionState = iceStateOf(this.#peerConnection);
    const { localDescription, remoteDescription } = this.#peerConnection;
    const state: PeerConnectionState = { connectionState, iceConnectionState, iceGatheringState, signalingState };
    if (localDescription && localDescription.sdp !== this.#toldLocal) {
      state.localDescription = { type: localDescription.type, sdp: localDescription.sdp };
      this.#toldLocal = localDescription.sdp;
    }
    if (remoteDescription && remoteDescription.sdp !== this.#toldRemote) {
      state.remoteDescription = { type: remoteDescription.type, sdp: remoteDescription.sdp };
      this.#toldRemote = remoteDescription.sdp;
    }
    this.#tell(state, iceStateChanged);
  }
}
