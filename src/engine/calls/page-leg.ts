// The page leg of a hosted call: the host's RTCPeerConnection to the page, which carries the call's media between the
// two. The host makes every offer. The first offer (`connect`) sets up the transport and the page's outgoing media,
// with the codecs that the remote leg will most likely agree on, so that the page's encoder runs before the remote peer
// has answered. The second offer (`carry`) adds the incoming media and the negotiated codecs. If all of that is known
// from the start, `carry` alone makes one offer. The owner must call `close`.
import { EventEmitter } from 'eventemitter3';
import { Negotiator } from '../../negotiation/negotiator';
import type { SignalMessage } from '../../protocol/signalling';
import { withCodecs, withStartBitrate, withStreams, type StreamName } from './call-sdp';
import type { ExpectedSection, RemoteSection } from './remote-leg';

/** Start of the page's bandwidth estimate, bits per second. High, because the remote leg is the bottleneck. */
const START_BITRATE = 2_500_000;

/**
 * How long candidates after the first are held back. Within one machine the first one works, and adding and checking
 * the others took a third of the leg's connection time (measured).
 */
const HOLD_BACK_MS = 150;
/** Candidates of both ends held back at most. A browser gathers one or a few for each network interface. */
const MAX_HELD_BACK = 128;

export interface PageLegOptions {
  connectionId: string;
  /** Made by the call's MediaPaths, without any ICE server. */
  peerConnection: RTCPeerConnection;
  send: (message: SignalMessage) => void;
}

interface PageLegEvents {
  connected: () => void;
  /** The page has closed its end or is gone. */
  closed: () => void;
  /** A native failure. */
  failed: (error: unknown) => void;
}

/** A section of the page leg, with the data of the remote leg's section that it carries. */
interface PageSectionState {
  /** The MID of the remote leg's section. */
  mid: string;
  transceiver: RTCRtpTransceiver;
  /** The remote leg's section as text: the remote peer's (the codecs that it receives), and ours (what it may send). */
  theirs: string;
  ours: string;
  streams: StreamName[] | undefined;
}

/** A transceiver of the page leg, and the MID of the remote leg's section that it carries. */
export interface PageSection {
  mid: string;
  transceiver: RTCRtpTransceiver;
}

export class PageLeg extends EventEmitter<PageLegEvents> {
  readonly #peerConnection: RTCPeerConnection;
  readonly #negotiator: Negotiator;
  /** In the order of the descriptions. */
  readonly #sections: PageSectionState[] = [];
  /** Resolves when the page has answered the current offer. */
  #answered: Promise<void> = Promise.resolve();
  #onAnswered: (() => void) | undefined;
  #hasSentCandidate = false;
  /** Candidates of both ends, held back. */
  #heldBack: (() => void)[] = [];
  #heldBackTimer: ReturnType<typeof setTimeout> | undefined;
  /** Carries no data: its events tell that the leg is connected and that it has ended. */
  #channel: RTCDataChannel | undefined;

  constructor({ connectionId, peerConnection, send }: PageLegOptions) {
    super();
    this.#peerConnection = peerConnection;
    this.#negotiator = new Negotiator(peerConnection, {
      type: 'media',
      connectionId,
      send: (message) => {
        if (message.type !== 'CANDIDATE') send(message);
        else if (isTcp(message)) return;
        else if (this.#hasSentCandidate) this.#holdBack(() => send(message));
        else {
          this.#hasSentCandidate = true;
          send(message);
        }
      },
      onError: (error) => this.emit('failed', error),
      offerPayload: {},
      transformSdp: async (sdp) => this.#shape(sdp),
    });
  }

  /** Makes the first offer: the transport, and sections for the page's expected outgoing media. */
  connect(expected: readonly ExpectedSection[]): PageSection[] {
    this.#openChannel();
    for (const { mid, kind, offered } of expected) {
      const transceiver = this.#peerConnection.addTransceiver(kind, { direction: 'recvonly' });
      this.#sections.push({ mid, transceiver, theirs: offered, ours: '', streams: undefined });
    }
    void this.#offer();
    return this.#sections;
  }

  #openChannel(): void {
    const channel = (this.#channel = this.#peerConnection.createDataChannel('page-leg'));
    channel.onopen = () => {
      this.#dropHeldBack();
      this.emit('connected');
    };
    channel.onclose = () => this.emit('closed');
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

  /**
   * Offers the negotiated media, and the transport too if `connect` was not called. Resolves when the page has answered,
   * or the leg is closed.
   */
  async carry(sections: readonly RemoteSection[]): Promise<PageSection[]> {
    // The remote leg may finish before the page has answered the first offer.
    await this.#answered;
    if (this.#peerConnection.signalingState === 'closed') return [];
    if (!this.#channel) this.#openChannel();
    for (const state of this.#sections) {
      const isAgreed = sections.some(({ transceiver }) => transceiver.mid === state.mid);
      if (!isAgreed) state.transceiver.direction = 'inactive';
    }
    const carried = sections.map((section) => this.#sectionFor(section));
    await this.#offer();
    return carried;
  }

  #sectionFor({ kind, incoming, outgoing, transceiver: remote, ...section }: RemoteSection): PageSection {
    const direction = incoming ? (outgoing ? 'sendrecv' : 'sendonly') : 'recvonly';
    const mid = remote.mid ?? '';
    const agreed = { theirs: section.remote, ours: section.local, streams: section.streams };
    const expected = this.#sections.find((state) => state.mid === mid);
    if (expected) {
      // Without any stream the browser writes no `msid` lines, which `withStreams` replaces.
      expected.transceiver.sender.setStreams(new MediaStream());
      expected.transceiver.direction = direction;
      return Object.assign(expected, agreed);
    }
    const transceiver = this.#peerConnection.addTransceiver(kind, { direction, streams: [new MediaStream()] });
    const state = { mid, transceiver, ...agreed };
    this.#sections.push(state);
    return state;
  }

  async #offer(): Promise<void> {
    this.#answered = new Promise((resolve) => {
      this.#onAnswered = resolve;
    });
    await this.#negotiator.offer(undefined);
    await this.#answered;
  }

  #holdBack(use: () => void): void {
    if (this.#channel?.readyState === 'open' || this.#heldBack.length >= MAX_HELD_BACK) return;
    this.#heldBack.push(use);
    this.#heldBackTimer ??= setTimeout(() => {
      for (const use of this.#heldBack.splice(0)) use();
      this.#heldBackTimer = undefined;
    }, HOLD_BACK_MS);
  }

  #dropHeldBack(): void {
    clearTimeout(this.#heldBackTimer);
    this.#heldBack = [];
  }

  /** Emits nothing afterwards. Ends a `carry` that the page has not answered. */
  close(): void {
    this.removeAllListeners();
    this.#dropHeldBack();
    this.#negotiator.close();
    if (this.#channel) this.#channel.onopen = this.#channel.onclose = null;
    this.#peerConnection.close();
    this.#onAnswered?.();
  }

  #shape(sdp: string): string {
    const states = this.#sections;
    const named = withStreams(
      sdp,
      states.map(({ streams }) => streams),
    );
    const theirs = states.map((state) => state.theirs);
    const ours = states.map((state) => state.ours);
    return withStartBitrate(withCodecs(named, theirs, ours), START_BITRATE);
  }
}

/** TCP candidates are skipped, because UDP always works within one machine. */
function isTcp({ payload }: SignalMessage): boolean {
  const { candidate } = (payload.candidate ?? {}) as { candidate?: unknown };
  return typeof candidate === 'string' && / tcp /i.test(candidate);
}

/** Empty if `sdp` is not a description: the connection then refuses it. */
function sdpOf({ sdp }: Record<string, unknown>): string {
  const description = sdp as { sdp?: unknown } | null | undefined;
  return typeof description?.sdp === 'string' ? description.sdp : '';
}
