// A data connection's RTCPeerConnection as the page sees it. The real connection is in the host; the owner of the facade
// reports its state by the `handle…` methods.
import type { PeerConnectionState } from '../../protocol/host-messages';
import { defineHandlers } from './event-target-facade';
import { MirroredState } from './mirrored-state';

export interface PeerConnectionSource {
  getStats: () => Promise<RTCStatsReport>;
  configuration: () => RTCConfiguration;
  close: () => void;
}

export class PeerConnectionFacade extends EventTarget {
  readonly #source: PeerConnectionSource;
  readonly #state = new MirroredState();

  constructor(source: PeerConnectionSource) {
    super();
    this.#source = source;
  }

  get connectionState(): RTCPeerConnectionState {
    return this.#state.current.connectionState;
  }

  get iceConnectionState(): RTCIceConnectionState {
    return this.#state.current.iceConnectionState;
  }

  get iceGatheringState(): RTCIceGatheringState {
    return this.#state.current.iceGatheringState;
  }

  get signalingState(): RTCSignalingState {
    return this.#state.current.signalingState;
  }

  get localDescription(): RTCSessionDescriptionInit | null {
    return this.#state.current.localDescription ?? null;
  }

  get remoteDescription(): RTCSessionDescriptionInit | null {
    return this.#state.current.remoteDescription ?? null;
  }

  /** The statistics of the real connection in the host. */
  getStats(): Promise<RTCStatsReport> {
    return this.#source.getStats();
  }

  getConfiguration(): RTCConfiguration {
    return this.#source.configuration();
  }

  /** Data connections carry no media. */
  getSenders(): RTCRtpSender[] {
    return [];
  }

  /** Data connections carry no media. */
  getReceivers(): RTCRtpReceiver[] {
    return [];
  }

  /** Data connections carry no media. */
  getTransceivers(): RTCRtpTransceiver[] {
    return [];
  }

  close(): void {
    this.#source.close();
  }

  /** @internal */
  handleState(state: PeerConnectionState): void {
    this.#state.update(state, this);
  }

  /** @internal Fires no event, like a native `close`. */
  handleClose(): void {
    this.#state.current = {
      ...this.#state.current,
      connectionState: 'closed',
      iceConnectionState: 'closed',
      signalingState: 'closed',
    };
  }
}

defineHandlers(PeerConnectionFacade, [
  'signalingstatechange',
  'icegatheringstatechange',
  'iceconnectionstatechange',
  'connectionstatechange',
  'icecandidate',
  'datachannel',
  'track',
  'negotiationneeded',
]);
