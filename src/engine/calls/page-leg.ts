// The host's end of the local link: an RTCPeerConnection to the page, over which a hosted call's media go from one to the
// other. The host makes every offer. The first is for the way itself and for what the page sends, by the codecs that the
// remote leg will most likely agree on, so that the page's encoder is at work before the remote peer has answered; the
// second brings what comes from the remote peer, and all codecs as they were agreed on. Where that is known from the start,
// the first offer brings it all.
import { Negotiator } from '../../negotiation/negotiator';
import type { SignalMessage } from '../../protocol/signalling';
import { withCodecs, withStartBitrate, withStreams, type StreamName } from './call-sdp';
import type { ExpectedSection, RemoteSection } from './remote-leg';

/** Where the page's own estimate of the way to the host begins, bits a second: what limits it is the remote leg. */
const START_BITRATE = 2_500_000;

/**
 * Candidates beyond the first are held back as long. Within one machine the first one works, and to add and to check all
 * the others took a third of the time in which a link connects (measured).
 */
const RESERVE_MS = 150;
/** Candidates that wait meanwhile, of both ends: a browser gathers one for each network interface, or few. */
const MAX_RESERVE = 128;

export interface PageLegOptions {
  connectionId: string;
  /** Made as the legs of the call are (MediaPaths), and without any ICE server. */
  peerConnection: RTCPeerConnection;
  send: (message: SignalMessage) => void;
  onConnected: () => void;
  /** The page has closed its end, or is gone. */
  onClosed: () => void;
  onError: (error: unknown) => void;
}

/** A section of the link: its part in one of the remote leg's. */
interface Place {
  /** Of the remote leg's section. */
  mid: string;
  transceiver: RTCRtpTransceiver;
  /** As text, what the other end of the remote leg takes, and what it may send. */
  theirs: string;
  ours: string;
  streams: StreamName[] | undefined;
}

/** A section of the link and the one of the remote leg that it belongs to. */
export interface LinkSection {
  mid: string;
  transceiver: RTCRtpTransceiver;
}

export class PageLeg {
  readonly #options: PageLegOptions;
  readonly #peerConnection: RTCPeerConnection;
  readonly #negotiator: Negotiator;
  /** In the order of the descriptions. */
  readonly #places: Place[] = [];
  /** Settles when the page has answered the offer that is out. */
  #answered: Promise<void> = Promise.resolve();
  #onAnswered: (() => void) | undefined;
  #isFirstSent = false;
  /** Candidates of both ends that are held back. */
  #reserve: (() => void)[] = [];
  #reserveTimer: ReturnType<typeof setTimeout> | undefined;
  /** Carries nothing: it tells that the way is there, and that it no longer is. */
  #channel: RTCDataChannel | undefined;

  constructor(options: PageLegOptions) {
    this.#options = options;
    const { connectionId, peerConnection, send, onError } = options;
    this.#peerConnection = peerConnection;
    this.#negotiator = new Negotiator(peerConnection, {
      type: 'media',
      connectionId,
      send: (message) => {
        if (message.type !== 'CANDIDATE') send(message);
        else if (isTcp(message)) return;
        else if (this.#isFirstSent) this.#holdBack(() => send(message));
        else {
          this.#isFirstSent = true;
          send(message);
        }
      },
      onError,
      offerPayload: {},
      transformSdp: async (sdp) => this.#shape(sdp),
    });
  }

  /** Makes the way, and on it what is expected to go out. */
  connect(expected: readonly ExpectedSection[]): LinkSection[] {
    this.#openChannel();
    for (const { mid, kind, offered } of expected) {
      const transceiver = this.#peerConnection.addTransceiver(kind, { direction: 'recvonly' });
      this.#places.push({ mid, transceiver, theirs: offered, ours: '', streams: undefined });
    }
    void this.#offer();
    return this.#places;
  }

  #openChannel(): void {
    const channel = (this.#channel = this.#peerConnection.createDataChannel('link'));
    channel.onopen = () => {
      this.#dropReserve();
      this.#options.onConnected();
    };
    channel.onclose = () => {
      this.#options.onClosed();
    };
  }

  async handleSignal({ type, payload }: SignalMessage): Promise<void> {
    if (type === 'ANSWER') {
      await this.#negotiator.handleAnswer({ type: 'answer', sdp: sdpOf(payload) });
      if (this.#peerConnection.signalingState !== 'stable') return;
      this.#onAnswered?.();
      this.#onAnswered = undefined;
    } else if (type === 'CANDIDATE' && typeof payload.candidate === 'object' && payload.candidate !== null) {
      const { candidate } = payload;
      this.#holdBack(() => void this.#negotiator.handleCandidate(candidate));
    }
  }

  /** Brings the media as they were agreed on; makes the way, where there is none. Resolves when the page has taken them. */
  async carry(sections: readonly RemoteSection[]): Promise<LinkSection[]> {
    // The remote leg may know before the page has answered the first offer.
    await this.#answered;
    if (this.#peerConnection.signalingState === 'closed') return [];
    if (!this.#channel) this.#openChannel();
    for (const place of this.#places) {
      const isAgreed = sections.some(({ transceiver }) => transceiver.mid === place.mid);
      if (!isAgreed) place.transceiver.direction = 'inactive';
    }
    const carried = sections.map((section) => this.#place(section));
    await this.#offer();
    return carried;
  }

  #place({ kind, incoming, outgoing, transceiver: remote, ...section }: RemoteSection): LinkSection {
    const direction = incoming ? (outgoing ? 'sendrecv' : 'sendonly') : 'recvonly';
    const mid = remote.mid ?? '';
    const agreed = { theirs: section.remote, ours: section.local, streams: section.streams };
    const expected = this.#places.find((place) => place.mid === mid);
    if (expected) {
      // With no stream at all the browser writes no names into the description that ours could take the place of.
      expected.transceiver.sender.setStreams(new MediaStream());
      expected.transceiver.direction = direction;
      return Object.assign(expected, agreed);
    }
    const transceiver = this.#peerConnection.addTransceiver(kind, { direction, streams: [new MediaStream()] });
    const place = { mid, transceiver, ...agreed };
    this.#places.push(place);
    return place;
  }

  async #offer(): Promise<void> {
    this.#answered = new Promise((resolve) => {
      this.#onAnswered = resolve;
    });
    await this.#negotiator.offer(undefined);
    await this.#answered;
  }

  #holdBack(use: () => void): void {
    if (this.#channel?.readyState === 'open' || this.#reserve.length >= MAX_RESERVE) return;
    this.#reserve.push(use);
    this.#reserveTimer ??= setTimeout(() => {
      for (const use of this.#reserve.splice(0)) use();
      this.#reserveTimer = undefined;
    }, RESERVE_MS);
  }

  #dropReserve(): void {
    clearTimeout(this.#reserveTimer);
    this.#reserve = [];
  }

  close(): void {
    this.#dropReserve();
    this.#negotiator.close();
    if (this.#channel) this.#channel.onopen = this.#channel.onclose = null;
    this.#peerConnection.close();
  }

  #shape(sdp: string): string {
    const places = this.#places;
    const named = withStreams(
      sdp,
      places.map(({ streams }) => streams),
    );
    const theirs = places.map((place) => place.theirs);
    const ours = places.map((place) => place.ours);
    return withStartBitrate(withCodecs(named, theirs, ours), START_BITRATE);
  }
}

/** Within one machine nothing stands in the way of UDP. */
function isTcp({ payload }: SignalMessage): boolean {
  const { candidate } = (payload.candidate ?? {}) as { candidate?: unknown };
  return typeof candidate === 'string' && / tcp /i.test(candidate);
}

/** Whatever is no description is refused by the connection. */
function sdpOf({ sdp }: Record<string, unknown>): string {
  const description = sdp as { sdp?: unknown } | null | undefined;
  return typeof description?.sdp === 'string' ? description.sdp : '';
}
