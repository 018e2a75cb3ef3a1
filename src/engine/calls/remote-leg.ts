// The leg of a hosted call that leads to the remote peer: its RTCPeerConnection, negotiated as PeerJS negotiates (one
// section a track, and a data channel whose end tells the hang-up), without any track of our own: what is sent and what
// comes is the page's and the remote peer's, and the media bridge carries it between them.
import { Negotiator } from '../../negotiation/negotiator';
import type { OutgoingMedia } from '../../protocol/page-messages';
import type { SignalMessage } from '../../protocol/signalling';
import type { MediaPaths, Outlet, MediaPath } from './media-paths';
import { mediaSections, streamsOf, withStartBitrate, withStreams, type StreamName } from './call-sdp';

/**
 * Where the bandwidth estimate begins, bits a second. The browser's own 300 kbit/s are looked beyond by probes only while
 * an encoder has something to send, which is never so here: it would then take ten seconds to reach 700 kbit/s (measured).
 */
const START_BITRATE = 500_000;

export interface RemoteLegOptions {
  connectionId: string;
  metadata: unknown;
  stream: OutgoingMedia | undefined;
  /** Made by `ways`. */
  peerConnection: RTCPeerConnection;
  paths: MediaPaths;
  send: (message: SignalMessage) => void;
  transformSdp: ((sdp: string) => Promise<string>) | undefined;
  /** Both descriptions are set: it is known what goes which way. */
  onNegotiated: () => void;
  onDataChannel: (channel: RTCDataChannel) => void;
  onError: (error: unknown) => void;
  /** A description cannot be made or set. */
  onFailed: (error: unknown) => void;
}

/** A section that the page's track is to go in, before the remote peer has agreed: its offer, or ours. */
export interface ExpectedSection {
  /** Of the leg's section. */
  mid: string;
  kind: string;
  /** As text, of the offer. */
  offered: string;
}

/** One section of audio or video, and the ways of its media. */
export interface RemoteSection {
  kind: string;
  transceiver: RTCRtpTransceiver;
  /** As text, of each end's description. */
  local: string;
  remote: string;
  /** The remote's streams that its track is in. */
  streams: StreamName[];
  /** What comes from the remote, if anything does. */
  incoming: MediaPath | undefined;
  /** Where what goes to the remote has to go, if anything does. */
  outgoing: Outlet | undefined;
}

export class RemoteLeg {
  readonly #options: RemoteLegOptions;
  readonly #peerConnection: RTCPeerConnection;
  readonly #negotiator: Negotiator;
  readonly #incoming = new Map<RTCRtpTransceiver, MediaPath>();
  readonly #outgoing = new Map<RTCRtpTransceiver, { trackId: string; outlet: Outlet }>();

  constructor(options: RemoteLegOptions) {
    this.#options = options;
    const { connectionId, metadata, peerConnection, send, onError, onFailed, onDataChannel } = options;
    this.#peerConnection = peerConnection;
    this.#negotiator = new Negotiator(peerConnection, {
      type: 'media',
      connectionId,
      send,
      onError,
      onFailed,
      offerPayload: { metadata },
      onRemoteOffer: () => {
        this.#takePlaces();
      },
      transformSdp: (sdp) => this.#shape(sdp),
    });
    peerConnection.ontrack = ({ transceiver }) => {
      this.#incoming.set(transceiver, options.paths.pathFrom(transceiver.receiver));
    };
    peerConnection.ondatachannel = ({ channel }) => {
      onDataChannel(channel);
    };
  }

  get isOffering(): boolean {
    return this.#negotiator.isOffering;
  }

  get peerConnection(): RTCPeerConnection {
    return this.#peerConnection;
  }

  async offer(constraints: RTCOfferOptions | undefined): Promise<void> {
    for (const { kind, id } of this.#options.stream?.tracks ?? []) {
      this.#send(this.#peerConnection.addTransceiver(kind, { direction: 'sendrecv' }), id);
    }
    // PeerJS names the channel by the connection's label, which a call has not, and uses it for nothing but its end.
    this.#options.onDataChannel(this.#peerConnection.createDataChannel('undefined', { ordered: false }));
    await this.#negotiator.offer(constraints);
  }

  async answer(offer: RTCSessionDescriptionInit): Promise<void> {
    await this.#negotiator.answer({ type: 'offer', sdp: withStartBitrate(offer.sdp ?? '', START_BITRATE) });
    if (this.#isNegotiated) this.#options.onNegotiated();
  }

  async handleAnswer(answer: RTCSessionDescriptionInit): Promise<void> {
    await this.#negotiator.handleAnswer({ type: 'answer', sdp: withStartBitrate(answer.sdp ?? '', START_BITRATE) });
    if (this.#isNegotiated) this.#options.onNegotiated();
  }

  handleCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    return this.#negotiator.handleCandidate(candidate);
  }

  repeatOffer(): void {
    this.#negotiator.repeatOffer();
  }

  /** Where the page's tracks are to go, by the offer that is ours or `remoteOffer`; an answer may still take them out. */
  expected(remoteOffer?: RTCSessionDescriptionInit): ExpectedSection[] {
    if (remoteOffer) return placesIn(remoteOffer.sdp, this.#options.stream).map(({ section }) => section);
    const offered = byMid(this.#peerConnection.localDescription?.sdp);
    return Array.from(this.#outgoing.keys(), ({ mid, receiver }) => ({
      mid: mid ?? '',
      kind: receiver.track.kind,
      offered: offered.get(mid ?? '') ?? '',
    }));
  }

  /** What is negotiated: the sections in which anything goes either way, in order. */
  sections(): RemoteSection[] {
    const locals = byMid(this.#peerConnection.localDescription?.sdp);
    const remotes = byMid(this.#peerConnection.remoteDescription?.sdp);
    return this.#peerConnection.getTransceivers().flatMap((transceiver) => {
      const local = locals.get(transceiver.mid ?? '') ?? '';
      const remote = remotes.get(transceiver.mid ?? '') ?? '';
      const direction = transceiver.currentDirection ?? 'inactive';
      const isReceived = direction === 'sendrecv' || direction === 'recvonly';
      const isSent = direction === 'sendrecv' || direction === 'sendonly';
      const incoming = isReceived ? this.#incoming.get(transceiver) : undefined;
      const outgoing = isSent ? this.#outgoing.get(transceiver)?.outlet : undefined;
      if (!incoming && !outgoing) return [];
      const { kind } = transceiver.receiver.track;
      return [{ kind, transceiver, local, remote, streams: streamsOf(remote), incoming, outgoing }];
    });
  }

  close(): void {
    this.#negotiator.close();
    this.#peerConnection.ontrack = this.#peerConnection.ondatachannel = null;
    for (const path of this.#incoming.values()) path.close();
    this.#peerConnection.close();
  }

  get #isNegotiated(): boolean {
    const { signalingState, remoteDescription } = this.#peerConnection;
    return signalingState === 'stable' && remoteDescription !== null;
  }

  #send(transceiver: RTCRtpTransceiver, trackId: string): void {
    this.#outgoing.set(transceiver, { trackId, outlet: this.#options.paths.outletOf(transceiver.sender) });
  }

  /** Gives the page's tracks their places in the remote's offer. */
  #takePlaces(): void {
    const transceivers = this.#peerConnection.getTransceivers();
    for (const { section, trackId } of placesIn(this.#peerConnection.remoteDescription?.sdp, this.#options.stream)) {
      const transceiver = transceivers.find(({ mid }) => mid === section.mid);
      if (!transceiver) continue;
      transceiver.direction = transceiver.direction === 'recvonly' ? 'sendrecv' : 'sendonly';
      this.#send(transceiver, trackId);
    }
  }

  /** Our description with the page's own names for its stream and tracks, and then as the page transforms it. */
  async #shape(sdp: string): Promise<string> {
    const { stream, transformSdp } = this.#options;
    const streamId = stream?.id ?? '-';
    // Sections and transceivers are in one order, before a description names the latter's sections.
    const names = this.#peerConnection.getTransceivers().map((transceiver) => {
      const trackId = this.#outgoing.get(transceiver)?.trackId;
      return trackId === undefined ? undefined : [{ streamId, trackId }];
    });
    const named = withStreams(sdp, names);
    return transformSdp ? await transformSdp(named) : named;
  }
}

/** Where `addTrack` would put each track of the stream (JSEP, RFC 8829, 5.10): the first of its kind that takes any. */
function placesIn(
  offer: string | undefined,
  stream: OutgoingMedia | undefined,
): { section: ExpectedSection; trackId: string }[] {
  const waiting = [...(stream?.tracks ?? [])];
  return Array.from(byMid(offer), ([mid, offered]) => {
    const kind = /^m=(\w+)/.exec(offered)?.[1] ?? '';
    const isTaking = /^a=(?:sendrecv|recvonly)\r$/m.test(offered);
    const index = isTaking ? waiting.findIndex((track) => track.kind === kind) : -1;
    const [track] = index < 0 ? [] : waiting.splice(index, 1);
    return track ? [{ section: { mid, kind, offered }, trackId: track.id }] : [];
  }).flat();
}

function byMid(sdp: string | undefined): Map<string, string> {
  const sections = mediaSections(sdp ?? '');
  return new Map(sections.map((section) => [/^a=mid:(\S+)\r$/m.exec(section)?.[1] ?? '', section]));
}
