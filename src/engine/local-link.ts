// The host's end of the local link: an RTCPeerConnection to the page, over which a hosted call's media go from one to the
// other. The host makes every offer. The first is for nothing but the way itself, so that it is known to work before the
// remote peer hears of the call; the second brings the media, under the codecs that the remote leg has agreed on.
import { Negotiator } from '../negotiation/negotiator';
import type { SignalMessage } from '../protocol/signalling';
import { withCodecs, withStartBitrate, withStreams } from './media-sections';
import type { RemoteSection } from './remote-leg';

/** Where the page's own estimate of the way to the host begins, bits a second: what limits it is the remote leg. */
const START_BITRATE = 2_500_000;

export interface LocalLinkOptions {
  connectionId: string;
  /** Made as the legs of the call are (MediaWays), and without any ICE server. */
  peerConnection: RTCPeerConnection;
  send: (message: SignalMessage) => void;
  onConnected: () => void;
  /** The page has closed its end, or is gone. */
  onClosed: () => void;
  onError: (error: unknown) => void;
}

export class LocalLink {
  readonly #options: LocalLinkOptions;
  readonly #peerConnection: RTCPeerConnection;
  readonly #negotiator: Negotiator;
  #sections: readonly RemoteSection[] = [];
  /** Settles when the page has answered the offer that is out. */
  #answered: Promise<void> = Promise.resolve();
  #onAnswered: (() => void) | undefined;
  /** Carries nothing: it tells that the way is there, and that it no longer is. */
  #channel: RTCDataChannel | undefined;

  constructor(options: LocalLinkOptions) {
    this.#options = options;
    const { connectionId, peerConnection, send, onError } = options;
    this.#peerConnection = peerConnection;
    this.#negotiator = new Negotiator(peerConnection, {
      type: 'media',
      connectionId,
      send,
      onError,
      offerPayload: {},
      transformSdp: async (sdp) => this.#shape(sdp),
    });
  }

  /** Makes the way. */
  connect(): void {
    const channel = (this.#channel = this.#peerConnection.createDataChannel('link'));
    channel.onopen = () => {
      this.#options.onConnected();
    };
    channel.onclose = () => {
      this.#options.onClosed();
    };
    void this.#offer();
  }

  async handleSignal({ type, payload }: SignalMessage): Promise<void> {
    if (type === 'ANSWER') {
      await this.#negotiator.handleAnswer({ type: 'answer', sdp: sdpOf(payload) });
      if (this.#peerConnection.signalingState !== 'stable') return;
      this.#onAnswered?.();
      this.#onAnswered = undefined;
    } else if (type === 'CANDIDATE' && typeof payload.candidate === 'object' && payload.candidate !== null) {
      await this.#negotiator.handleCandidate(payload.candidate);
    }
  }

  /** Brings the media. Resolves with one transceiver a section, when the page has taken them. */
  async carry(sections: readonly RemoteSection[]): Promise<RTCRtpTransceiver[]> {
    // The remote leg may know before the page has answered the first offer.
    await this.#answered;
    if (this.#peerConnection.signalingState === 'closed') return [];
    this.#sections = sections;
    const transceivers = sections.map(({ kind, incoming, outgoing }) => {
      const direction = incoming ? (outgoing ? 'sendrecv' : 'sendonly') : 'recvonly';
      return this.#peerConnection.addTransceiver(kind, { direction, streams: [new MediaStream()] });
    });
    await this.#offer();
    return transceivers;
  }

  async #offer(): Promise<void> {
    this.#answered = new Promise((resolve) => {
      this.#onAnswered = resolve;
    });
    await this.#negotiator.offer(undefined);
    await this.#answered;
  }

  close(): void {
    this.#negotiator.close();
    if (this.#channel) this.#channel.onopen = this.#channel.onclose = null;
    this.#peerConnection.close();
  }

  #shape(sdp: string): string {
    const sections = this.#sections;
    if (sections.length === 0) return sdp;
    const named = withStreams(
      sdp,
      sections.map(({ streams }) => streams),
    );
    const remotes = sections.map(({ remote }) => remote);
    const locals = sections.map(({ local }) => local);
    return withStartBitrate(withCodecs(named, remotes, locals), START_BITRATE);
  }
}

/** Whatever is no description is refused by the connection. */
function sdpOf({ sdp }: Record<string, unknown>): string {
  const description = sdp as { sdp?: unknown } | null | undefined;
  return typeof description?.sdp === 'string' ? description.sdp : '';
}
