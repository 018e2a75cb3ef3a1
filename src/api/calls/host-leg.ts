// The page's end of the local link of a hosted call: a native RTCPeerConnection to the extension, with the page's tracks on
// it. It is what the page gets as the call's `peerConnection`: its senders are real, while its states and descriptions
// are shown as those of the connection to the remote peer, which is in the host.
import { Negotiator } from '../../negotiation/negotiator';
import type { PeerConnectionState, SendingWish } from '../../protocol/host-messages';
import type { SignalMessage } from '../../protocol/signalling';
import { safe } from '../safe/built-ins';
import { visitTracks } from './media-stream';
import { RemoteMirror } from './remote-mirror';

export interface HostLegOptions {
  connectionId: string;
  stream: MediaStream | undefined;
  send: (message: SignalMessage) => void;
  getRemoteStats: () => Promise<[string, unknown][]>;
  /** As the page has set it. */
  getConfiguration: () => RTCConfiguration;
  onTrack: (event: RTCTrackEvent) => void;
  onError: (error: unknown) => void;
}

/**
 * What an encoder without a limit takes at most, bits a second, by the size of its picture (libwebrtc
 * `video/config/encoder_stream_factory.cc`). A limit takes this one's place, so none of ours is above it.
 */
function usualMaxBitrate({ width = 0, height = 0 }: MediaTrackSettings): number {
  const pixels = width * height;
  if (pixels <= 320 * 240) return 600_000;
  if (pixels <= 640 * 480) return 1_700_000;
  return pixels <= 960 * 540 ? 2_000_000 : 2_500_000;
}

type SetParameters = (parameters: RTCRtpSendParameters, options?: object) => Promise<void>;

export class HostLeg {
  readonly peerConnection: RTCPeerConnection;
  readonly #negotiator: Negotiator;
  readonly #mirror: RemoteMirror;
  /** The limit set last by `mid`: any other one in force is the page's own. */
  readonly #limits: Record<string, number | undefined> = { __proto__: null } as never;
  readonly #pageLimits: Record<string, number | undefined> = { __proto__: null } as never;
  /** A wish is being fulfilled, and what has been wished since. */
  readonly #isBusy: Record<string, boolean | undefined> = { __proto__: null } as never;
  readonly #waiting: Record<string, SendingWish | undefined> = { __proto__: null } as never;
  /**
   * The host ends the call when this channel closes. It is kept but never read: Firefox closes a channel that nothing refers
   * to at the next garbage collection.
   */
  protected channel: RTCDataChannel | undefined;

  constructor(options: HostLegOptions) {
    const { connectionId, stream, send, getRemoteStats, getConfiguration, onTrack, onError } = options;
    this.peerConnection = new safe.RTCPeerConnection!();
    this.#mirror = new RemoteMirror(this.peerConnection, getRemoteStats, getConfiguration);
    this.#negotiator = new Negotiator(this.#mirror.native, {
      type: 'media',
      connectionId,
      send,
      onError,
      offerPayload: {},
    });
    safe.addEventListener(this.peerConnection, 'track', onTrack);
    safe.addEventListener(this.peerConnection, 'datachannel', (event: RTCDataChannelEvent) => {
      // Not the remote peer's: the page never hears of it.
      safe.stopImmediatePropagation(event);
      this.channel = event.channel;
    });
    visitTracks(stream, (track) => {
      this.peerConnection.addTrack(track, stream!);
    });
  }

  handleSignal({ type, payload }: SignalMessage): void {
    if (type === 'OFFER') void this.#negotiator.answer(payload.sdp as RTCSessionDescriptionInit);
    else if (type === 'CANDIDATE') void this.#negotiator.handleCandidate(payload.candidate as RTCIceCandidateInit);
  }

  handleState(state: PeerConnectionState): void {
    this.#mirror.handleState(state);
  }

  /**
   * Does what the remote leg asks for, within what the page itself has set. One wish after the other: a second at the same
   * time would fail, and the first one's limit be taken for the page's.
   */
  handleSendingWish(wish: SendingWish): void {
    const { mid } = wish;
    const waiting = this.#waiting[mid];
    if (!this.#isBusy[mid]) this.#fulfil(wish);
    else this.#waiting[mid] = { ...waiting, ...wish, keyFrame: wish.keyFrame || waiting?.keyFrame === true };
  }

  close(): void {
    this.#negotiator.close();
    this.#mirror.close();
  }

  #fulfil({ mid, keyFrame, maxBitrate }: SendingWish): void {
    const sender = this.#senderOf(mid);
    const parameters = sender?.getParameters();
    const encoding = parameters?.encodings[0];
    if (!sender || !encoding) return;
    let limit = this.#limits[mid];
    if (maxBitrate !== undefined) {
      if (encoding.maxBitrate !== limit) this.#pageLimits[mid] = encoding.maxBitrate;
      const usual = usualMaxBitrate(sender.track?.getSettings() ?? {});
      limit = encoding.maxBitrate = Math.min(maxBitrate, this.#pageLimits[mid] ?? usual);
    }
    this.#isBusy[mid] = true;
    const setParameters: SetParameters = sender.setParameters.bind(sender);
    const goOn = (): void => {
      this.#isBusy[mid] = false;
      const next = this.#waiting[mid];
      this.#waiting[mid] = undefined;
      if (next) this.#fulfil(next);
    };
    const setting = setParameters(parameters, keyFrame ? { encodingOptions: [{ keyFrame }] } : undefined);
    const succeed = (): void => {
      this.#limits[mid] = limit;
      goOn();
    };
    // Fails where the page changes the parameters at the same moment; the next wish comes soon.
    safe.then(setting, succeed, goOn);
  }

  #senderOf(mid: string): RTCRtpSender | undefined {
    const transceivers = this.peerConnection.getTransceivers();
    for (let index = 0; index < transceivers.length; index++) {
      if (transceivers[index]!.mid === mid) return transceivers[index]!.sender;
    }
    return undefined;
  }
}
