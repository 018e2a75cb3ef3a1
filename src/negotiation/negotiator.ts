// Offer, answer and candidates between one RTCPeerConnection and its other end: a remote peer, or page and host of a
// call. Knows nothing of data channels, media or sockets: it is given the connection and a way to signal. Tells each
// native failure and goes on. Uses no method of arrays, because it also runs in pages, which may have replaced them.
import type { SignalMessage } from '../protocol/signalling';

/** Candidates a remote peer may send ahead of its description. */
const MAX_HELD_CANDIDATES = 256;

export interface Signalling {
  type: 'data' | 'media';
  connectionId: string;
  send: (message: SignalMessage) => void;
  /** A native failure; PeerJS tells the Peer of type `webrtc`. */
  onError: (error: unknown) => void;
  /** What the OFFER carries beside the description. */
  offerPayload: Record<string, unknown>;
  /** The remote offer is set, and the answer not yet made: what is to be sent is chosen now. */
  onRemoteOffer?: (() => void) | undefined;
  /** The page's `sdpTransform`, if it has one. */
  transformSdp?: ((sdp: string) => Promise<string>) | undefined;
}

export class Negotiator {
  readonly #peerConnection: RTCPeerConnection;
  readonly #signalling: Signalling;
  #heldCandidates: RTCIceCandidateInit[] = [];
  /** All we signalled for the offer, to be sent again if nobody has answered it. */
  #sentForOffer: SignalMessage[] = [];
  #isClosed = false;

  constructor(peerConnection: RTCPeerConnection, signalling: Signalling) {
    this.#peerConnection = peerConnection;
    this.#signalling = signalling;
    peerConnection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate && peerConnection.iceConnectionState !== 'completed') {
        this.#send('CANDIDATE', { candidate: candidate.toJSON(), type: signalling.type });
      }
    };
  }

  /** True while our offer is out and unanswered. */
  get isOffering(): boolean {
    return this.#peerConnection.signalingState === 'have-local-offer';
  }

  async offer(constraints: RTCOfferOptions | undefined): Promise<void> {
    await this.#attempt(async () => {
      const offer = await this.#peerConnection.createOffer(constraints);
      const description = { type: offer.type, sdp: await this.#transform(offer.sdp ?? '') };
      await this.#peerConnection.setLocalDescription(description);
      this.#send('OFFER', { ...this.#signalling.offerPayload, sdp: description, type: this.#signalling.type });
    });
  }

  async answer(offer: RTCSessionDescriptionInit): Promise<void> {
    await this.#attempt(async () => {
      await this.#peerConnection.setRemoteDescription(offer);
      await this.#addHeldCandidates();
      this.#signalling.onRemoteOffer?.();
      const answer = await this.#peerConnection.createAnswer();
      const description = { type: answer.type, sdp: await this.#transform(answer.sdp ?? '') };
      await this.#peerConnection.setLocalDescription(description);
      this.#send('ANSWER', { sdp: description, type: this.#signalling.type });
    });
  }

  async handleAnswer(answer: RTCSessionDescriptionInit): Promise<void> {
    await this.#attempt(async () => {
      await this.#peerConnection.setRemoteDescription(answer);
      this.#sentForOffer = [];
      await this.#addHeldCandidates();
    });
  }

  async handleCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (this.#peerConnection.remoteDescription) {
      await this.#attempt(() => this.#peerConnection.addIceCandidate(candidate));
    } else if (this.#heldCandidates.length < MAX_HELD_CANDIDATES) {
      this.#heldCandidates[this.#heldCandidates.length] = candidate;
    }
  }

  /** Signals the offer and its candidates once more, where the answer can no longer be on its way. */
  repeatOffer(): void {
    if (!this.isOffering) return;
    for (let index = 0; index < this.#sentForOffer.length; index++) this.#signalling.send(this.#sentForOffer[index]!);
  }

  close(): void {
    this.#isClosed = true;
    this.#peerConnection.onicecandidate = null;
  }

  async #addHeldCandidates(): Promise<void> {
    const held = this.#heldCandidates;
    this.#heldCandidates = [];
    for (let index = 0; index < held.length; index++) await this.handleCandidate(held[index]!);
  }

  async #transform(sdp: string): Promise<string> {
    return this.#signalling.transformSdp ? await this.#signalling.transformSdp(sdp) : sdp;
  }

  #send(type: SignalMessage['type'], { sdp, candidate, ...rest }: Record<string, unknown>): void {
    const { connectionId } = this.#signalling;
    // Keys in PeerJS's order, for whoever compares by text.
    const { type: kind, ...others } = rest;
    const subject = type === 'CANDIDATE' ? { candidate } : { sdp };
    const message: SignalMessage = { type, payload: { ...subject, type: kind, connectionId, ...others } };
    const isOfOffer = this.#peerConnection.signalingState !== 'stable';
    if (isOfOffer) this.#sentForOffer[this.#sentForOffer.length] = message;
    this.#signalling.send(message);
  }

  /** A closed connection's late failures are nobody's concern. */
  async #attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!this.#isClosed && this.#peerConnection.signalingState !== 'closed') this.#signalling.onError(error);
    }
  }
}
