// A data connection's RTCPeerConnection as the page sees it. The real connection is in the host; the owner of the facade
// reports its state by the `handle…` methods.
import type { PeerConnectionState } from '../../protocol/host-messages';
import { safe } from '../safe/built-ins';
import { defineHandlers } from './event-target-facade';

export interface PeerConnectionSource {
  getStats: () => Promise<RTCStatsReport>;
  configuration: () => RTCConfiguration;
  close: () => void;
}

/** The mirrored properties, each with the event that its change fires. */
export const STATE_EVENTS = [
  { property: 'signalingState', event: 'signalingstatechange' },
  { property: 'iceGatheringState', event: 'icegatheringstatechange' },
  { property: 'iceConnectionState', event: 'iceconnectionstatechange' },
  { property: 'connectionState', event: 'connectionstatechange' },
] as const;

export class PeerConnectionFacade extends EventTarget {
  readonly #source: PeerConnectionSource;
  #state: PeerConnectionState = {
    connectionState: 'new',
    iceConnectionState: 'new',
    iceGatheringState: 'new',
    signalingState: 'stable',
  };

  constructor(source: PeerConnectionSource) {
    super();
    this.#source = source;
  }

  get connectionState(): RTCPeerConnectionState {
    return this.#state.connectionState;
  }

  get iceConnectionState(): RTCIceConnectionState {
    return this.#state.iceConnectionState;
  }

  get iceGatheringState(): RTCIceGatheringState {
    return this.#state.iceGatheringState;
  }

  get signalingState(): RTCSignalingState {
    return this.#state.signalingState;
  }

  get localDescription(): RTCSessionDescriptionInit | null {
    return this.#state.localDescription ?? null;
  }

  get remoteDescription(): RTCSessionDescriptionInit | null {
    return this.#state.remoteDescription ?? null;
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
    const before = this.#state;
    this.#state = { ...before, ...state };
    for (let index = 0; index < STATE_EVENTS.length; index++) {
      const { property, event } = STATE_EVENTS[index]!;
      if (before[property] !== state[property]) safe.dispatch(this, new safe.Event(event));
    }
  }

  /** @internal Fires no event, like a native `close`. */
  handleClose(): void {
    this.#state = { ...this.#state, connectionState: 'closed', iceConnectionState: 'closed', signalingState: 'closed' };
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
