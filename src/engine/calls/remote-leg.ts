// The remote leg of a hosted call: the host's RTCPeerConnection to the remote peer. It negotiates as PeerJS does: one
// section per track, and a data channel whose end is the hang-up. It has no tracks of its own: the media bridge feeds
// its senders from the page and reads its receivers. The owner must call `close`.
import { EventEmitter } from 'eventemitter3';
import { Negotiator } from '../../negotiation/negotiator';
import type { DataChannelInfo } from '../../protocol/host-messages';
import type { OutgoingMedia } from '../../protocol/page-messages';
import type { SignalMessage } from '../../protocol/signalling';
import { describeChannel } from '../connection/data-channel-info';
import type { MediaPaths, Sink, MediaPath } from './media-paths';
import { mediaSections, streamsOf, withStartBitrate, withStreams, type StreamName } from './call-sdp';

/**
 * Start of the bandwidth estimate, bits per second. From its own 300 kbit/s the browser probes for more only while an
 * encoder sends, and this leg has no encoder: reaching 700 kbit/s would take ten seconds (measured).
 */
const START_BITRATE = 500_000;

export interface RemoteLegOptions {
  connectionId: string;
  metadata: unknown;
  stream: OutgoingMedia | undefined;
  /** Made by `paths`. */
  peerConnection: RTCPeerConnection;
  paths: MediaPaths;
  send: (message: SignalMessage) => void;
  transformSdp: ((sdp: string) => Promise<string>) | undefined;
}

interface RemoteLegEvents {
  /** Both descriptions are set, so the sections are known. */
  negotiated: () => void;
  /** Media can flow to and from the remote peer. Emitted again after an interruption. */
  connected: () => void;
  /** The data channel is open. */
  open: (dataChannel: DataChannelInfo) => void;
  /** The data channel has closed: the remote peer has hung up. */
  hungUp: () => void;
  /** A native failure that the call may survive. */
  webrtcError: (error: unknown) => void;
  /** A description cannot be created or set. */
  failed: (error: unknown) => void;
}

/** A section planned for a track of the page before the negotiation is over, from our offer or the remote peer's. */
export interface ExpectedSection {
  /** The MID of this leg's section. */
  mid: string;
  kind: string;
  /** The offer's section as text. */
  offered: string;
}

/** A negotiated audio or video section, and the paths of its media. */
export interface RemoteSection {
  kind: string;
  transceiver: RTCRtpTransceiver;
  /** The section as text, in each end's description. */
  local: string;
  remote: string;
  /** The remote peer's streams that its track belongs to. */
  streams: StreamName[];
  /** The path of media from the remote peer, if it sends any. */
  incoming: MediaPath | undefined;
  /** The sink for media to the remote peer, if it receives any. */
  outgoing: Sink | undefined;
}

export class RemoteLeg extends EventEmitter<RemoteLegEvents> {
  readonly #options: RemoteLegOptions;
  readonly #peerConnection: RTCPeerConnection;
  readonly #negotiator: Negotiator;
  readonly #incoming = new Map<RTCRtpTransceiver, MediaPath>();
  readonly #outgoing = new Map<RTCRtpTransceiver, { trackId: string; sink: Sink }>();
  #channel: RTCDataChannel | undefined;

  constructor(options: RemoteLegOptions) {
    super();
    this.#options = options;
    const { connectionId, metadata, peerConnection, send } = options;
    this.#peerConnection = peerConnection;
    this.#negotiator = new Negotiator(peerConnection, {
      type: 'media',
      connectionId,
      send,
      onError: (error) => this.emit('webrtcError', error),
      onFailed: (error) => this.emit('failed', error),
      offerPayload: { metadata },
      onRemoteOffer: () => {
        this.#assignTracks();
      },
      transformSdp: (sdp) => this.#shape(sdp),
    });
    peerConnection.ontrack = ({ transceiver }) => {
      this.#incoming.set(transceiver, options.paths.pathFrom(transceiver.receiver));
    };
    peerConnection.ondatachannel = ({ channel }) => {
      // A call has one channel; close any other.
      if (this.#channel) channel.close();
      else this.#useChannel(channel);
    };
    peerConnection.addEventListener('connectionstatechange', () => {
      if (peerConnection.connectionState === 'connected') this.emit('connected');
    });
  }

  get isOffering(): boolean {
    return this.#negotiator.isOffering;
  }

  async offer(constraints: RTCOfferOptions | undefined): Promise<void> {
    for (const { kind, id } of this.#options.stream?.tracks ?? []) {
      this.#send(this.#peerConnection.addTransceiver(kind, { direction: 'sendrecv' }), id);
    }
    // PeerJS labels the channel with the connection's label, which a call does not have, and uses only the channel's
    // end.
    this.#useChannel(this.#peerConnection.createDataChannel('undefined', { ordered: false }));
    await this.#negotiator.offer(constraints);
  }

  async answer(offer: RTCSessionDescriptionInit): Promise<void> {
    await this.#negotiator.answer({ type: 'offer', sdp: withStartBitrate(offer.sdp ?? '', START_BITRATE) });
    if (this.#isNegotiated) this.emit('negotiated');
  }

  async handleAnswer(answer: RTCSessionDescriptionInit): Promise<void> {
    await this.#negotiator.handleAnswer({ type: 'answer', sdp: withStartBitrate(answer.sdp ?? '', START_BITRATE) });
    if (this.#isNegotiated) this.emit('negotiated');
  }

  handleCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    return this.#negotiator.handleCandidate(candidate);
  }

  repeatOffer(): void {
    this.#negotiator.repeatOffer();
  }

  async getStats(): Promise<[string, unknown][]> {
    return Array.from((await this.#peerConnection.getStats()) as unknown as Map<string, unknown>);
  }

  /** The sections planned for the page's tracks, by our offer or by `remoteOffer`. The answer may still reject them. */
  expected(remoteOffer?: RTCSessionDescriptionInit): ExpectedSection[] {
    if (remoteOffer) return sectionsForTracks(remoteOffer.sdp, this.#options.stream).map(({ section }) => section);
    const offered = byMid(this.#peerConnection.localDescription?.sdp);
    return Array.from(this.#outgoing.keys(), ({ mid, receiver }) => ({
      mid: mid ?? '',
      kind: receiver.track.kind,
      offered: offered.get(mid ?? '') ?? '',
    }));
  }

  /** The negotiated sections that carry media in either direction, in order. */
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
      const outgoing = isSent ? this.#outgoing.get(transceiver)?.sink : undefined;
      if (!incoming && !outgoing) return [];
      const { kind } = transceiver.receiver.track;
      return [{ kind, transceiver, local, remote, streams: streamsOf(remote), incoming, outgoing }];
    });
  }

  /** Emits nothing afterwards. */
  close(): void {
    this.removeAllListeners();
    this.#negotiator.close();
    if (this.#channel) this.#channel.onopen = this.#channel.onclose = null;
    this.#peerConnection.ontrack = this.#peerConnection.ondatachannel = null;
    for (const path of this.#incoming.values()) path.close();
    this.#peerConnection.close();
  }

  get #isNegotiated(): boolean {
    const { signalingState, remoteDescription } = this.#peerConnection;
    return signalingState === 'stable' && remoteDescription !== null;
  }

  /** Uses this channel as PeerJS does: it carries no data. */
  #useChannel(channel: RTCDataChannel): void {
    this.#channel = channel;
    channel.onopen = () => this.emit('open', describeChannel(channel, this.#peerConnection));
    channel.onclose = () => this.emit('hungUp');
  }

  #send(transceiver: RTCRtpTransceiver, trackId: string): void {
    this.#outgoing.set(transceiver, { trackId, sink: this.#options.paths.sinkOf(transceiver.sender) });
  }

  /** Assigns the page's tracks to sections of the remote peer's offer. */
  #assignTracks(): void {
    const transceivers = this.#peerConnection.getTransceivers();
    for (const { section, trackId } of sectionsForTracks(
      this.#peerConnection.remoteDescription?.sdp,
      this.#options.stream,
    )) {
      const transceiver = transceivers.find(({ mid }) => mid === section.mid);
      if (!transceiver) continue;
      transceiver.direction = transceiver.direction === 'recvonly' ? 'sendrecv' : 'sendonly';
      this.#send(transceiver, trackId);
    }
  }

  /** Our description with the page's names for its stream and tracks, then transformed by the page. */
  async #shape(sdp: string): Promise<string> {
    const { stream, transformSdp } = this.#options;
    const streamId = stream?.id ?? '-';
    // Transceivers are in the order of the sections even before they have MIDs.
    const names = this.#peerConnection.getTransceivers().map((transceiver) => {
      const trackId = this.#outgoing.get(transceiver)?.trackId;
      return trackId === undefined ? undefined : [{ streamId, trackId }];
    });
    const named = withStreams(sdp, names);
    return transformSdp ? await transformSdp(named) : named;
  }
}

/**
 * For each track, the first free section of its kind that can receive: where `addTrack` would put it (RFC 8829, 5.10).
 */
function sectionsForTracks(
  offer: string | undefined,
  stream: OutgoingMedia | undefined,
): { section: ExpectedSection; trackId: string }[] {
  const unassigned = [...(stream?.tracks ?? [])];
  return Array.from(byMid(offer), ([mid, offered]) => {
    const kind = /^m=(\w+)/.exec(offered)?.[1] ?? '';
    const isTaking = /^a=(?:sendrecv|recvonly)\r$/m.test(offered);
    const index = isTaking ? unassigned.findIndex((track) => track.kind === kind) : -1;
    const [track] = index < 0 ? [] : unassigned.splice(index, 1);
    return track ? [{ section: { mid, kind, offered }, trackId: track.id }] : [];
  }).flat();
}

function byMid(sdp: string | undefined): Map<string, string> {
  const sections = mediaSections(sdp ?? '');
  return new Map(sections.map((section) => [/^a=mid:(\S+)\r$/m.exec(section)?.[1] ?? '', section]));
}
