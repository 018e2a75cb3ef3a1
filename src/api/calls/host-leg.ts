// The page's end of a hosted call's local connection: a native RTCPeerConnection to the extension that sends the page's
// tracks. The page sees it as the call's `peerConnection`. Its senders are real, but its states and descriptions are those
// of the host's connection to the remote peer. Callers must `close` the leg.
import { Negotiator } from '../../negotiation/negotiator';
import type { PeerConnectionState, SendingWish } from '../../protocol/host-messages';
import type { SignalMessage } from '../../protocol/signalling';
import { safe } from '../safe/built-ins';
import type { LegOptions } from './leg-options';
import { visitTracks } from './media-stream';
import { RemoteMirror } from './remote-mirror';

export interface HostLegOptions extends LegOptions {
  getRemoteStats: () => Promise<RTCStatsReport>;
  /** Returns the configuration that the page has set. */
  getConfiguration: () => RTCConfiguration;
}

/**
 * The bits per second that an encoder without a limit uses at most, by the size of its picture (libwebrtc
 * `video/config/encoder_stream_factory.cc`). A limit of ours replaces this maximum, so it must not exceed it.
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
  /** Our last limit by `mid`. If another limit is in force, the page has set it. */
  readonly #limits: Record<string, number | undefined> = { __proto__: null } as never;
  readonly #pageLimits: Record<string, number | undefined> = { __proto__: null } as never;
  /** By `mid`: whether a wish is being fulfilled, and the merged wishes that came since. */
  readonly #isBusy: Record<string, boolean | undefined> = { __proto__: null } as never;
  readonly #queued: Record<string, SendingWish | undefined> = { __proto__: null } as never;
  /**
   * The host ends the call when this channel closes. Nothing reads this reference, but without it Firefox closes the channel
   * at the next garbage collection.
   */
  protected channel: RTCDataChannel | undefined;

  constructor(options: HostLegOptions) {
    const { stream, getRemoteStats, getConfiguration, onTrack } = options;
    this.peerConnection = new safe.RTCPeerConnection!();
    this.#mirror = new RemoteMirror(this.peerConnection, getRemoteStats, getConfiguration);
    this.#negotiator = new Negotiator(this.#mirror.native, { ...options, type: 'media', offerPayload: {} });
    safe.addEventListener(this.peerConnection, 'track', onTrack);
    safe.addEventListener(this.peerConnection, 'datachannel', (event: RTCDataChannelEvent) => {
      // The channel leads to the host, so the page must not see it.
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
   * Fulfils the remote leg's wish within the page's own limit. Fulfils one wish at a time: a second one would fail, and then
   * mistake the first one's limit for the page's.
   */
  handleSendingWish(wish: SendingWish): void {
    const { mid } = wish;
    const queued = this.#queued[mid];
    if (!this.#isBusy[mid]) this.#fulfil(wish);
    else this.#queued[mid] = { ...queued, ...wish, keyFrame: wish.keyFrame || queued?.keyFrame === true };
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
    const fulfilNext = (): void => {
      this.#isBusy[mid] = false;
      const next = this.#queued[mid];
      this.#queued[mid] = undefined;
      if (next) this.#fulfil(next);
    };
    const setting = setParameters(parameters, keyFrame ? { encodingOptions: [{ keyFrame }] } : undefined);
    const succeed = (): void => {
      this.#limits[mid] = limit;
      fulfilNext();
    };
    // Fails if the page changes the parameters at the same time. The next wish comes soon.
    safe.then(setting, succeed, fulfilNext);
  }

  #senderOf(mid: string): RTCRtpSender | undefined {
    const transceivers = this.peerConnection.getTransceivers();
    for (let index = 0; index < transceivers.length; index++) {
      if (transceivers[index]!.mid === mid) return transceivers[index]!.sender;
    }
    return undefined;
  }
}
