// Exchanges offer, answer and candidates between one RTCPeerConnection and its other end: a remote peer, or, for a call,
// between page and host. Knows nothing of data channels, media or sockets: the caller provides the connection and a
// function that sends signals, passes in the other end's signals, and calls `close` before it closes the connection.
// Reports each native failure, and whether the negotiation can go on. Calls no array methods, because it also runs in
// pages, which may have replaced them.
import type { SignalMessage } from '../protocol/signalling';

/** Candidates accepted from the other end in total. A browser gathers some dozens, and each adds pairs to check. */
const MAX_CANDIDATES = 256;

type OfferPayload = Record<string, unknown>;

export interface Signalling {
  type: 'data' | 'media';
  connectionId: string;
  send: (message: SignalMessage) => void;
  /** A native failure. PeerJS emits it on the Peer, with type `webrtc`. */
  onError: (error: unknown) => void;
  /**
   * The browser cannot make or set a description, so the connection will not be established. Default: only `onError`, as
   * in PeerJS.
   */
  onFailed?: ((error: unknown) => void) | undefined;
  /** Members that the OFFER's payload has besides the description. */
  offerPayload: OfferPayload;
  /** Called when the remote offer is set, before the answer is made: the caller chooses now what to send. */
  onRemoteOffer?: (() => void) | undefined;
  /** The page's `sdpTransform`, if it has one. */
  transformSdp?: ((sdp: string) => Promise<string>) | undefined;
}

export class Negotiator {
  readonly #peerConnection: RTCPeerConnection;
  readonly #signalling: Signalling;
  /** Candidates that came before the remote description. */
  #queuedCandidates: RTCIceCandidateInit[] = [];
  #candidateCount = 0;
  /** The offer and its candidates as we signalled them, for `repeatOffer`. */
  #sentForOffer: SignalMessage[] = [];
  #isClosed = false;

  constructor(peerConnection: RTCPeerConnection, signalling: Signalling) {
    this.#peerConnection = peerConnection;
    this.#signalling = signalling;
    peerConnection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate && peerConnection.iceConnectionState !== 'completed') {
        this.#send('CANDIDATE', { candidate: candidate.toJSON() });
      }
    };
  }

  /** True while our offer is unanswered. */
  get isOffering(): boolean {
    return this.#peerConnection.signalingState === 'have-local-offer';
  }

  async offer(constraints: RTCOfferOptions | undefined): Promise<void> {
    await this.#attemptDescription(async () => {
      const offer = await this.#peerConnection.createOffer(constraints);
      await this.#applyAndSend('OFFER', offer, this.#signalling.offerPayload);
    });
  }

  async answer(offer: RTCSessionDescriptionInit): Promise<void> {
    await this.#attemptDescription(async () => {
      await this.#peerConnection.setRemoteDescription(offer);
      await this.#addQueuedCandidates();
      this.#signalling.onRemoteOffer?.();
      await this.#applyAndSend('ANSWER', await this.#peerConnection.createAnswer());
    });
  }

  async handleAnswer(answer: RTCSessionDescriptionInit): Promise<void> {
    await this.#attemptDescription(async () => {
      await this.#peerConnection.setRemoteDescription(answer);
      this.#sentForOffer = [];
      await this.#addQueuedCandidates();
    });
  }

  async handleCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (++this.#candidateCount > MAX_CANDIDATES) return;
    if (this.#peerConnection.remoteDescription) await this.#addCandidate(candidate);
    else this.#queuedCandidates[this.#queuedCandidates.length] = candidate;
  }

  /** Signals an unanswered offer and its candidates again. Call it only when no answer can be on its way. */
  repeatOffer(): void {
    if (!this.isOffering) return;
    for (let index = 0; index < this.#sentForOffer.length; index++) this.#signalling.send(this.#sentForOffer[index]!);
  }

  close(): void {
    this.#isClosed = true;
    this.#peerConnection.onicecandidate = null;
  }

  async #addQueuedCandidates(): Promise<void> {
    const queued = this.#queuedCandidates;
    this.#queuedCandidates = [];
    for (let index = 0; index < queued.length; index++) await this.#addCandidate(queued[index]!);
  }

  async #addCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    try {
      await this.#peerConnection.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#isOver) this.#signalling.onError(error);
    }
  }

  /** Applies a description of our own, as the page's transform changes it, and signals it. */
  async #applyAndSend(
    type: 'OFFER' | 'ANSWER',
    created: RTCSessionDescriptionInit,
    rest?: OfferPayload,
  ): Promise<void> {
    const { transformSdp } = this.#signalling;
    const { sdp = '' } = created;
    const description = { type: created.type, sdp: transformSdp ? await transformSdp(sdp) : sdp };
    await this.#peerConnection.setLocalDescription(description);
    this.#send(type, { sdp: description }, rest);
  }

  #send(type: SignalMessage['type'], subject: object, rest?: OfferPayload): void {
    const { type: kind, connectionId } = this.#signalling;
    // Keys are in PeerJS's order, for receivers that compare messages as text.
    const message: SignalMessage = { type, payload: { ...subject, type: kind, connectionId, ...rest } };
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
      // A repeated answer fails, too, but does not affect the established connection.
      const isEstablished = this.#peerConnection.signalingState === 'stable' && this.#peerConnection.remoteDescription;
      if (isEstablished) onError(error);
      else onFailed(error);
    }
  }

  /** True once the connection is closed: later failures are not reported. */
  get #isOver(): boolean {
    return this.#isClosed || this.#peerConnection.signalingState === 'closed';
  }
}
