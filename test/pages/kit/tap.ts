// A hand-made peer of a WebSocket and an RTCPeerConnection, without PeerJS. It records what the other end sends and can send
// anything itself.
import { describe } from './describe.js';
import { atEnd } from './reuse.js';

const HEAD_BYTES = 40;

interface Signal {
  type: string;
  src?: string;
  dst?: string;
  payload?: {
    sdp?: RTCSessionDescriptionInit;
    candidate?: RTCIceCandidateInit;
    connectionId?: string;
    [key: string]: unknown;
  };
}

export class Tap {
  /** Signalling messages from the other end, in order. */
  readonly signals: Signal[] = [];
  /** Descriptions of data channel messages. Strings and ArrayBuffers are distinct. */
  readonly frames: string[] = [];
  /** The first bytes of each binary frame in hex. */
  readonly heads: string[] = [];
  channel: RTCDataChannel | undefined;
  #ended = false;
  #waiting: (() => void)[] = [];
  #early: RTCIceCandidateInit[] = [];
  #peerConnection = new RTCPeerConnection({ iceServers: [] });

  constructor(private readonly socket: WebSocket) {
    atEnd(() => {
      socket.close();
      this.#peerConnection.close();
    });
    socket.addEventListener('message', (event: MessageEvent<string>) => {
      void this.#handle(JSON.parse(event.data) as Signal);
    });
    this.#peerConnection.addEventListener('datachannel', ({ channel }) => {
      this.#use(channel);
    });
  }

  get peerConnection(): RTCPeerConnection {
    return this.#peerConnection;
  }

  async until(test: () => boolean): Promise<void> {
    while (!test()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Waits for the marker `#end` in any serialization; resolves with all frames. */
  async allFrames(): Promise<string[]> {
    await this.until(() => this.#ended);
    return this.frames;
  }

  send(signal: Signal): void {
    this.socket.send(JSON.stringify(signal));
  }

  /** Sends text as it is, for messages that `JSON.stringify` cannot write. */
  sendText(text: string): void {
    this.socket.send(text);
  }

  /** Offers a data channel to `dst` as PeerJS would. `changes` override members of PeerJS's payload. */
  async dial(dst: string, changes: Record<string, unknown> = {}): Promise<void> {
    const { label = 'tapped', connectionId = 'dc_tap', reliable = true } = changes;
    this.#sendCandidates(dst, String(connectionId));
    this.#use(this.#peerConnection.createDataChannel(String(label), { ordered: Boolean(reliable) }));
    await this.#peerConnection.setLocalDescription();
    const sdp = this.#peerConnection.localDescription!;
    this.send({
      type: 'OFFER',
      dst,
      payload: { sdp, type: 'data', connectionId, label, reliable, serialization: 'binary', ...changes } as never,
    });
    await this.until(() => this.channel?.readyState === 'open');
  }

  async #handle(signal: Signal): Promise<void> {
    this.signals.push(signal);
    const { payload } = signal;
    if (signal.type === 'OFFER' && payload?.sdp) await this.#answer(signal.src!, payload.connectionId!, payload.sdp);
    else if (signal.type === 'ANSWER' && payload?.sdp) await this.#accept(payload.sdp);
    else if (signal.type === 'CANDIDATE' && payload?.candidate) await this.#addCandidate(payload.candidate);
    this.#wake();
  }

  async #answer(dst: string, connectionId: string, offer: RTCSessionDescriptionInit): Promise<void> {
    this.#sendCandidates(dst, connectionId);
    await this.#accept(offer);
    await this.#peerConnection.setLocalDescription();
    const sdp = this.#peerConnection.localDescription!;
    this.send({ type: 'ANSWER', dst, payload: { sdp, type: 'data', connectionId } });
  }

  async #accept(description: RTCSessionDescriptionInit): Promise<void> {
    await this.#peerConnection.setRemoteDescription(description);
    for (const candidate of this.#early.splice(0)) await this.#peerConnection.addIceCandidate(candidate);
  }

  async #addCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (!this.#peerConnection.remoteDescription) this.#early.push(candidate);
    else await this.#peerConnection.addIceCandidate(candidate);
  }

  #sendCandidates(dst: string, connectionId: string): void {
    this.#peerConnection.addEventListener('icecandidate', ({ candidate }) => {
      if (!candidate?.candidate) return;
      this.send({ type: 'CANDIDATE', dst, payload: { candidate: candidate.toJSON(), type: 'data', connectionId } });
    });
  }

  #use(channel: RTCDataChannel): void {
    this.channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.frames.push(describe(data));
      if (typeof data !== 'string') this.heads.push(hex(data.slice(0, HEAD_BYTES)));
      this.#ended ||= isEnd(data);
      this.#wake();
    });
    for (const event of ['open', 'close']) channel.addEventListener(event, () => this.#wake());
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isEnd(frame: string | ArrayBuffer): boolean {
  const text = typeof frame === 'string' ? frame : new TextDecoder('latin1').decode(frame);
  return text.length < 10 && text.includes('#end');
}

/** Registers `id` at the PeerServer; resolves when the server has sent `OPEN`. */
export async function openTap(server: { host: string; port: number }, id: string): Promise<Tap> {
  const query = `key=peerjs&id=${id}&token=tap-${id}&version=1.5.5`;
  const socket = new WebSocket(`ws://${server.host}:${server.port}/peerjs?${query}`);
  const tap = new Tap(socket);
  await tap.until(() => tap.signals.some((signal) => signal.type === 'OPEN'));
  return tap;
}
