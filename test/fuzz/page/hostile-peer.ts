// A remote peer made by hand of a WebSocket and an RTCPeerConnection: it signals what it likes, and sends frames that PeerJS
// never would. In a browser without the extension.
import { isNestedTooDeep } from '../../../src/protocol/nesting';
import { jsonText } from '../mutate';
import { IN_PAGE, Random } from '../random';
import { hostileFrames, SERIALIZATIONS } from '../samples/frames';
import { relayedMessage } from '../samples/signals';
import { mutatedSdp } from '../samples/sdp';
import { soon } from './soon';

/** How long an honest offer may take to become a channel, milliseconds. */
const OPEN_MS = 20_000;
/** Frames that wait in the channel at most, bytes. */
const MAX_BUFFERED = 4 * 1024 * 1024;

/** What a channel between two Chromiums takes at a time, bytes; characters of JSON text take one each. */
const MAX_FRAME = 200 * 1024;

interface Signal {
  type: string;
  src?: string;
  payload?: { sdp?: RTCSessionDescriptionInit; candidate?: RTCIceCandidateInit; connectionId?: string };
}

export interface Target {
  host: string;
  port: number;
  /** The ID of the Peer that is attacked. */
  victim: string;
}

/**
 * PeerServer cannot relay what is nested deeper (`JSON.stringify` throws), and then disconnects the one that it was for, whoever
 * that is: a fault of the server, from which no client can protect itself.
 */
const MAX_DEPTH_OF_SERVER = 3000;

export class HostilePeer {
  readonly id: string;
  readonly #socket: WebSocket;
  readonly #victim: string;
  readonly #connections: RTCPeerConnection[] = [];
  /** Of connections that the victim has begun. */
  readonly #connectionIds: string[] = [];
  #dialled = new Map<string, RTCPeerConnection>();
  #isRegistered = false;
  #waiting: (() => void)[] = [];
  /** Set while the peer answers what the victim offers. */
  #answering: Random | undefined;

  private constructor({ host, port, victim }: Target, id: string) {
    this.id = id;
    this.#victim = victim;
    this.#socket = new WebSocket(`ws://${host}:${port}/peerjs?key=peerjs&id=${id}&token=${id}&version=1.5.5`);
    this.#socket.onmessage = ({ data }: MessageEvent<string>) => void this.#hear(JSON.parse(data) as Signal);
  }

  static async register(target: Target, id: string): Promise<HostilePeer> {
    const peer = new HostilePeer(target, id);
    if (!(await soon(() => peer.#isRegistered, peer.#wakes(), OPEN_MS))) throw new Error('PeerServer does not answer');
    return peer;
  }

  /** Signals some fifty messages. What the victim offers meanwhile gets answers no better. */
  async signal(seed: number, step: number): Promise<string> {
    const random = new Random(seed, step, IN_PAGE);
    this.#answering = random;
    const types: string[] = [];
    for (let n = random.between(10, 60); n > 0; n--) {
      const message = relayedMessage(random, this.#connectionIds);
      const isObject = typeof message === 'object' && message !== null;
      const isNamed = isObject && 'type' in message && typeof message.type === 'string';
      types.push(isNamed ? (message.type as string).slice(0, 20) : typeof message);
      // What is no message at all the server does not relay, which is its own affair.
      this.#write(isObject ? { ...message, dst: this.#victim } : message);
    }
    if (random.chance(0.15)) types.push(this.#flood(random));
    if (!(await soon(() => this.#socket.bufferedAmount === 0, this.#ticks(), OPEN_MS))) {
      throw new Error('PeerServer takes nothing more');
    }
    this.#answering = undefined;
    return types.join(' ');
  }

  /**
   * Opens a connection as PeerJS would, and sends some hundred frames over it that PeerJS never would. Resolves with
   * undefined where the victim takes no more connections, as other steps may have brought about.
   */
  async sendFrames(seed: number, step: number): Promise<string | undefined> {
    const random = new Random(seed, step, IN_PAGE);
    const serialization = random.pick(SERIALIZATIONS);
    const channel = await this.#dial(`dc_frames${step}`, serialization);
    if (!channel) return undefined;
    const isOpen = (): boolean => channel.readyState === 'open';
    let count = 0;
    for (let n = random.between(20, 150); n > 0 && isOpen(); n--) {
      for (const frame of hostileFrames(random, serialization)) {
        if (!isOpen()) break;
        // More the browser does not send.
        if (frame.length > MAX_FRAME) continue;
        channel.send(frame as string);
        count += 1;
        if (channel.bufferedAmount > MAX_BUFFERED) await this.#drained(channel);
      }
    }
    await this.#drained(channel);
    return `${serialization}, ${count} frames, then ${channel.readyState}`;
  }

  /** Lets go of everything. Nothing of it is said to the victim, as with a browser that has crashed. */
  close(): void {
    this.#socket.close();
    for (const connection of this.#connections) connection.close();
  }

  /** Offers without end that nothing comes of. */
  #flood(random: Random): string {
    const count = random.pick([100, 600]);
    const sdp = random.pick(['x', '', 'v=0\r\n']);
    const kind = random.pick(['data', 'media']);
    for (let n = 0; n < count; n++) {
      const connectionId = `flood${n}`;
      const payload = { sdp: { type: 'offer', sdp }, type: kind, connectionId, label: 'x', serialization: 'binary' };
      this.#write({ type: 'OFFER', dst: this.#victim, payload });
    }
    return `${count} OFFERs of ${kind} with the SDP ${JSON.stringify(sdp)}`;
  }

  async #dial(connectionId: string, serialization: string): Promise<RTCDataChannel | undefined> {
    const connection = this.#connect(connectionId);
    const channel = connection.createDataChannel(connectionId);
    channel.binaryType = 'arraybuffer';
    for (const event of ['open', 'close']) channel.addEventListener(event, () => this.#wake());
    await connection.setLocalDescription();
    const sdp = connection.localDescription;
    const payload = { sdp, type: 'data', connectionId, label: connectionId, serialization, reliable: true };
    this.#dialled.set(connectionId, connection);
    this.#write({ type: 'OFFER', dst: this.#victim, payload });
    const isOpen = await soon(() => channel.readyState === 'open', this.#wakes(), OPEN_MS);
    return isOpen ? channel : undefined;
  }

  #connect(connectionId: string): RTCPeerConnection {
    const connection = new RTCPeerConnection({ iceServers: [] });
    this.#connections.push(connection);
    connection.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) return;
      this.#write({
        type: 'CANDIDATE',
        dst: this.#victim,
        payload: { candidate: candidate.toJSON(), type: 'data', connectionId },
      });
    };
    return connection;
  }

  async #hear({ type, payload }: Signal): Promise<void> {
    if (type === 'OPEN') this.#isRegistered = true;
    const { connectionId = '', sdp, candidate } = payload ?? {};
    const dialled = this.#dialled.get(connectionId);
    if (type === 'ANSWER' && sdp && dialled) await dialled.setRemoteDescription(sdp).catch(() => undefined);
    if (type === 'CANDIDATE' && candidate && dialled) await dialled.addIceCandidate(candidate).catch(() => undefined);
    if (type === 'OFFER' && sdp) await this.#answer(connectionId, sdp);
    this.#wake();
  }

  /** With a true answer now and then, so that the victim comes further than its first state. */
  async #answer(connectionId: string, offer: RTCSessionDescriptionInit): Promise<void> {
    this.#connectionIds.push(connectionId);
    const random = this.#answering;
    if (!random) return;
    const connection = this.#connect(connectionId);
    await connection.setRemoteDescription(offer);
    await connection.setLocalDescription();
    const sdp = connection.localDescription!.toJSON();
    if (random.chance(0.6)) sdp.sdp = mutatedSdp(sdp.sdp!, random);
    this.#write({ type: 'ANSWER', dst: this.#victim, payload: { sdp, type: 'data', connectionId } });
  }

  async #drained(channel: RTCDataChannel): Promise<void> {
    channel.bufferedAmountLowThreshold = 0;
    channel.addEventListener('bufferedamountlow', () => this.#wake());
    const isDrained = () => channel.bufferedAmount === 0 || channel.readyState !== 'open';
    if (!(await soon(isDrained, this.#wakes(), OPEN_MS))) throw new Error('the victim takes nothing more');
  }

  #write(message: unknown): void {
    const text = jsonText(message);
    const isRelayed = this.#socket.readyState === WebSocket.OPEN && !isNestedTooDeep(text, MAX_DEPTH_OF_SERVER);
    if (isRelayed) this.#socket.send(text);
  }

  /** For what no event tells of. */
  #ticks(): (wake: () => void) => void {
    return (wake) => void setTimeout(wake, 10);
  }

  #wakes(): (wake: () => void) => void {
    return (wake) => void this.#waiting.push(wake);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
