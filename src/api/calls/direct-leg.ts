// A call's RTCPeerConnection on the direct route: the page owns the connection to the remote peer and negotiates it like
// PeerJS (lib/negotiator.ts), but signals through the host. Callers must `close` the leg.
import { iceStateOf } from '../../negotiation/ice-state';
import { Negotiator } from '../../negotiation/negotiator';
import type { SignalMessage } from '../../protocol/signalling';
import { safe } from '../safe/built-ins';
import type { LegOptions } from './leg-options';
import { visitTracks } from './media-stream';

export interface DirectLegOptions extends LegOptions {
  metadata: unknown;
  config: RTCConfiguration | undefined;
  transformSdp: ((sdp: string) => Promise<string>) | undefined;
  onDataChannel: (channel: RTCDataChannel) => void;
  onIceState: (state: RTCIceConnectionState) => void;
  /** The browser cannot make or set a description. */
  onFailed: (error: unknown) => void;
}

export class DirectLeg {
  readonly peerConnection: RTCPeerConnection;
  readonly #options: DirectLegOptions;
  readonly #negotiator: Negotiator;
  #isClosed = false;

  /** Throws what RTCPeerConnection throws for a bad configuration. */
  constructor(options: DirectLegOptions) {
    this.#options = options;
    const { metadata, stream, config, onTrack, onDataChannel, onIceState } = options;
    const peerConnection = new safe.RTCPeerConnection!(config);
    this.peerConnection = peerConnection;
    this.#negotiator = new Negotiator(peerConnection, { ...options, type: 'media', offerPayload: { metadata } });
    safe.addEventListener(peerConnection, 'track', onTrack);
    safe.addEventListener(peerConnection, 'datachannel', ({ channel }: RTCDataChannelEvent) => {
      onDataChannel(channel);
    });
    safe.addEventListener(peerConnection, 'iceconnectionstatechange', () => {
      if (!this.#isClosed) onIceState(iceStateOf(peerConnection));
    });
    safe.addEventListener(peerConnection, 'connectionstatechange', () => {
      if (!this.#isClosed && peerConnection.connectionState === 'failed') onIceState('failed');
    });
    visitTracks(stream, (track) => {
      peerConnection.addTrack(track, stream!);
    });
  }

  offer(constraints: RTCOfferOptions | undefined): void {
    // PeerJS names the channel by the label, which is undefined for calls. The channel only signals the hang-up.
    this.#options.onDataChannel(this.peerConnection.createDataChannel('undefined', { ordered: false }));
    void this.#negotiator.offer(constraints);
  }

  answer(offer: RTCSessionDescriptionInit): void {
    void this.#negotiator.answer(offer);
  }

  handleSignal({ type, payload }: SignalMessage): void {
    if (type === 'ANSWER') void this.#negotiator.handleAnswer(payload.sdp as RTCSessionDescriptionInit);
    else if (type === 'CANDIDATE') void this.#negotiator.handleCandidate(payload.candidate as RTCIceCandidateInit);
  }

  close(): void {
    this.#isClosed = true;
    this.#negotiator.close();
    this.peerConnection.close();
  }
}
