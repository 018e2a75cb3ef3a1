// The page's end of the local link of a hosted call: a native RTCPeerConnection to the extension, with the page's tracks on
// it. It is what the page gets as the call's `peerConnection`: its senders are real, while its states and descriptions
// are shown as those of the connection to the remote peer, which is in the host.
import { Negotiator } from '../negotiation/negotiator';
import type { PeerConnectionState } from '../protocol/host-messages';
import type { SignalMessage } from '../protocol/signalling';
import { safe } from './built-ins';
import { visitTracks } from './media-stream';
import { RemoteView } from './remote-view';

export interface LinkEndOptions {
  connectionId: string;
  stream: MediaStream | undefined;
  send: (message: SignalMessage) => void;
  getRemoteStats: () => Promise<[string, unknown][]>;
  onTrack: (event: RTCTrackEvent) => void;
  onError: (error: unknown) => void;
}

/** What the remote leg asks of one of our senders. */
export interface SendingWish {
  /** Of the link's media section. */
  mid: string;
  keyFrame: boolean;
  /** Bits a second. */
  maxBitrate?: number;
}

type SetParameters = (parameters: RTCRtpSendParameters, options?: object) => Promise<void>;

export class LinkEnd {
  readonly peerConnection: RTCPeerConnection;
  readonly #negotiator: Negotiator;
  readonly #view: RemoteView;
  /** The limit set last by `mid`: any other one in force is the page's own. */
  readonly #limits: Record<string, number> = { __proto__: null } as never;
  readonly #pageLimits: Record<string, number | undefined> = { __proto__: null } as never;

  constructor({ connectionId, stream, send, getRemoteStats, onTrack, onError }: LinkEndOptions) {
    this.peerConnection = new safe.RTCPeerConnection!();
    this.#view = new RemoteView(this.peerConnection, getRemoteStats);
    this.#negotiator = new Negotiator(this.#view.native, {
      type: 'media',
      connectionId,
      send,
      onError,
      offerPayload: {},
    });
    safe.addEventListener(this.peerConnection, 'track', onTrack);
    visitTracks(stream, (track) => {
      this.peerConnection.addTrack(track, stream!);
    });
  }

  handleSignal({ type, payload }: SignalMessage): void {
    if (type === 'OFFER') void this.#negotiator.answer(payload.sdp as RTCSessionDescriptionInit);
    else if (type === 'CANDIDATE') void this.#negotiator.handleCandidate(payload.candidate as RTCIceCandidateInit);
  }

  handleState(state: PeerConnectionState): void {
    this.#view.handleState(state);
  }

  /** Does what the remote leg asks for, within what the page itself has set. */
  handleSendingWish({ mid, keyFrame, maxBitrate }: SendingWish): void {
    const sender = this.#senderOf(mid);
    const parameters = sender?.getParameters();
    const encoding = parameters?.encodings[0];
    if (!sender || !encoding) return;
    const former = this.#limits[mid];
    if (maxBitrate !== undefined) {
      if (encoding.maxBitrate !== this.#limits[mid]) this.#pageLimits[mid] = encoding.maxBitrate;
      encoding.maxBitrate = Math.min(maxBitrate, this.#pageLimits[mid] ?? Infinity);
      this.#limits[mid] = encoding.maxBitrate;
    }
    const setParameters: SetParameters = sender.setParameters.bind(sender);
    const setting = setParameters(parameters, keyFrame ? { encodingOptions: [{ keyFrame }] } : undefined);
    // Fails where the page changes the parameters at the same moment; the next wish comes soon.
    safe.then(setting, ignore, () => {
      // Still in force, and ours: it must not be taken for the page's.
      if (former === undefined) delete this.#limits[mid];
      else this.#limits[mid] = former;
    });
  }

  close(): void {
    this.#negotiator.close();
    this.#view.close();
  }

  #senderOf(mid: string): RTCRtpSender | undefined {
    const transceivers = this.peerConnection.getTransceivers();
    for (let index = 0; index < transceivers.length; index++) {
      if (transceivers[index]!.mid === mid) return transceivers[index]!.sender;
    }
    return undefined;
  }
}

function ignore(): void {
  // As it says.
}
