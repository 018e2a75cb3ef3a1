// Offer, answer and candidates between one RTCPeerConnection and its other end: a remote peer, or page and host of a
// call. Knows nothing of data channels, media or sockets: it is given the connection and a way to signal. Tells each
// native failure, and whether the negotiation can go on. Uses no method of arrays, because it also runs in pages, which may have replaced them.
import type { SignalMessage } from '../protocol/signalling';

/** Candidates that the other end may send, in all. A browser gathers some dozens; each costs us pairs to check. */
const MAX_CANDIDATES = 256;

export interface Signalling {
  type: 'data' | 'media';
  connectionId: string;
  send: (message: SignalMessage) => void;
  /** A native failure; PeerJS tells the Peer of type `webrtc`. */
  onError: (error: unknown) => void;
  /**
   * A description cannot be made or set, so the connection will not be established. Default: `onError`, and nothing else is done
   * about it, as in PeerJS.
   */
  onFailed?: ((error: unknown) => void) | undefined;
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
  /** Ahead of their description. */
  #heldCandidates: RTCIceCandidateInit[] = [];
  #candidateCount = 0;
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
    await this.#attemptDescription(async () => {
      const offer = await this.#peerConnection.createOffer(constraints);
      const description = { type: offer.type, sdp: await this.#transform(offer.sdp ?? '') };
      await this.#peerConnection.setLocalDescription(description);
      this.#send('OFFER', { ...this.#signalling.offerPayload, sdp: description, type: this.#signalling.type });
    });
  }

  async answer(offer: RTCSessionDescriptionInit): Promise<void> {
    await this.#attemptDescription(async () => {
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
    await this.#attemptDescription(async () => {
      await this.#peerConnection.setRemoteDescription(answer);
      this.#sentForOffer = [];
      await this.#addHeldCandidates();
    });
  }

  async handleCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (++this.#candidateCount > MAX_CANDIDATES) return;
    if (this.#peerConnection.remoteDescription) await this.#addCandidate(candidate);
    else this.#heldCandidates[this.#heldCandidates.length] = candidate;
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
    for (let index = 0; index < held.length; index++) await this.#addCandidate(held[index]!);
  }

  async #addCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    try {
      await this.#peerConnection.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#isOver) this.#signalling.onError(error);
    }
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

  async #attemptDescription(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (this.#isOver) return;
      const { onError, onFailed = onError } = this.#signalling;
      // An answer that comes twice fails, too, and the connection stays what it is.
      const isEstablished = this.#peerConnection.signalingState === 'stable' && this.#peerConnection.remoteDescription;
      if (isEstablished) onError(error);
      else onFailed(error);
    }
  }

  /** A closed connection's late failures are nobody's concern. */
  get #isOver(): boolean {
    return this.#isClosed || this.#peerConnection.signalingState === 'closed';
  }
}
