// A hostile remote peer, made of a WebSocket and RTCPeerConnections in a browser without the extension. It sends
// malformed signalling messages, and frames that PeerJS never sends. Call `close` in the end.
import { isNestedTooDeep } from '../../../src/protocol/nesting';
import { jsonText } from '../mutate';
import { PAGE_STREAM, Random } from '../random';
import { hostileFrames, SERIALIZATIONS } from '../samples/frames';
import { relayedMessage } from '../samples/signals';
import { mutatedSdp } from '../samples/sdp';
import { waitUntil } from './wait-until';

/** Time limit for a valid offer to become an open channel, milliseconds. */
const OPEN_MS = 20_000;
/** Limit for unsent data in the channel, bytes. */
const MAX_BUFFERED = 4 * 1024 * 1024;

/** The largest frame to send between two Chromiums: bytes, or characters of JSON text. */
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
 * PeerServer cannot relay messages that are nested deeper: its `JSON.stringify` throws, and it disconnects the
 * recipient. No client can protect itself from this bug of the server.
 */
const MAX_RELAYED_DEPTH = 3000;

export class HostilePeer {
  readonly id: string;
  readonly #socket: WebSocket;
  readonly #victim: string;
  readonly #connections: RTCPeerConnection[] = [];
  /** IDs of connections that the victim has offered. */
  readonly #connectionIds: string[] = [];
  #dialled = new Map<string, RTCPeerConnection>();
  #isRegistered = false;
  #waiting: (() => void)[] = [];
  /** Random choices for answers to the victim's offers. Undefined while the peer does not answer. */
  #answering: Random | undefined;

  private constructor({ host, port, victim }: Target, id: string) {
    this.id = id;
    this.#victim = victim;
    this.#socket = new WebSocket(`ws://${host}:${port}/peerjs?key=peerjs&id=${id}&token=${id}&version=1.5.5`);
    this.#socket.onmessage = ({ data }: MessageEvent<string>) => void this.#receive(JSON.parse(data) as Signal);
  }

  static async register(target: Target, id: string): Promise<HostilePeer> {
    const peer = new HostilePeer(target, id);
    if (!(await waitUntil(() => peer.#isRegistered, peer.#wakes(), OPEN_MS)))
      throw new Error('PeerServer did not answer');
    return peer;
  }

  /** Sends 10 to 60 signalling messages, and answers the victim's offers meanwhile. Resolves with the types sent. */
  async signal(seed: number, step: number): Promise<string> {
    const random = new Random(seed, step, PAGE_STREAM);
    this.#answering = random;
    const types: string[] = [];
    for (let n = random.between(10, 60); n > 0; n--) {
      const message = relayedMessage(random, this.#connectionIds);
      const isObject = typeof message === 'object' && message !== null;
      const isNamed = isObject && 'type' in message && typeof message.type === 'string';
      types.push(isNamed ? (message.type as string).slice(0, 20) : typeof message);
      // PeerServer does not relay a value that is not an object.
      this.#write(isObject ? { ...message, dst: this.#victim } : message);
    }
    if (random.chance(0.15)) types.push(this.#flood(random));
    if (!(await waitUntil(() => this.#socket.bufferedAmount === 0, this.#ticks(), OPEN_MS))) {
      throw new Error('PeerServer stopped reading');
    }
    this.#answering = undefined;
    return types.join(' ');
  }

  /**
   * Opens a connection as PeerJS does, and sends hostile frames over it. Resolves with a summary, or with undefined if
   * the victim accepts no more connections, for example after other steps.
   */
  async sendFrames(seed: number, step: number): Promise<string | undefined> {
    const random = new Random(seed, step, PAGE_STREAM);
    const serialization = random.pick(SERIALIZATIONS);
    const channel = await this.#dial(`dc_frames${step}`, serialization);
    if (!channel) return undefined;
    const isOpen = (): boolean => channel.readyState === 'open';
    let count = 0;
    for (let n = random.between(20, 150); n > 0 && isOpen(); n--) {
      for (const frame of hostileFrames(random, serialization)) {
        if (!isOpen()) break;
        // The browser refuses larger frames.
        if (frame.length > MAX_FRAME) continue;
        channel.send(frame as string);
        count += 1;
        if (channel.bufferedAmount > MAX_BUFFERED) await this.#drained(channel);
      }
    }
    await this.#drained(channel);
    return `${serialization}, ${count} frames, then ${channel.readyState}`;
  }

  /** Closes everything without notifying the victim, like a browser that crashes. */
  close(): void {
    this.#socket.close();
    for (const connection of this.#connections) connection.close();
  }

  /** Sends many offers that can never become connections. */
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
    const isOpen = await waitUntil(() => channel.readyState === 'open', this.#wakes(), OPEN_MS);
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

  async #receive({ type, payload }: Signal): Promise<void> {
    if (type === 'OPEN') this.#isRegistered = true;
    const { connectionId = '', sdp, candidate } = payload ?? {};
    const dialled = this.#dialled.get(connectionId);
    if (type === 'ANSWER' && sdp && dialled) await dialled.setRemoteDescription(sdp).catch(() => undefined);
    if (type === 'CANDIDATE' && candidate && dialled) await dialled.addIceCandidate(candidate).catch(() => undefined);
    if (type === 'OFFER' && sdp) await this.#answer(connectionId, sdp);
    this.#wake();
  }

  /** Answers an offer, sometimes correctly, so that some of the victim's connections get past their first state. */
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
    if (!(await waitUntil(isDrained, this.#wakes(), OPEN_MS))) throw new Error('the victim stopped reading');
  }

  #write(message: unknown): void {
    const text = jsonText(message);
    const isRelayed = this.#socket.readyState === WebSocket.OPEN && !isNestedTooDeep(text, MAX_RELAYED_DEPTH);
    if (isRelayed) this.#socket.send(text);
  }

  /** Wakes by time, for conditions that no event reports. */
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
