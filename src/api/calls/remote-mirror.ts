// Makes a native RTCPeerConnection to the host look as if it led to the remote peer: it mirrors the states, descriptions and
// state events of the host's connection, and shows the page's configuration. Callers pass on the host's states by
// `handleState`, and negotiate by `native`.
import type { PeerConnectionState } from '../../protocol/host-messages';
import { safe } from '../safe/built-ins';
import { MirroredState, STATE_EVENTS } from '../facades/mirrored-state';

/** The members that are overridden to read the mirrored state. */
const MIRRORED = [
  'connectionState',
  'iceConnectionState',
  'iceGatheringState',
  'signalingState',
  'localDescription',
  'remoteDescription',
  'currentLocalDescription',
  'currentRemoteDescription',
] as const;

export class RemoteMirror {
  readonly #peerConnection: RTCPeerConnection;
  readonly #state = new MirroredState();
  #isClosed = false;

  constructor(
    peerConnection: RTCPeerConnection,
    getRemoteStats: () => Promise<RTCStatsReport>,
    getConfiguration: () => RTCConfiguration,
  ) {
    this.#peerConnection = peerConnection;
    for (let index = 0; index < MIRRORED.length; index++) {
      const name = MIRRORED[index]!;
      this.#define(name, { get: () => this.#read(name) });
    }
    const nativeGetStats = peerConnection.getStats.bind(peerConnection);
    const getStats = (selector?: MediaStreamTrack | null): Promise<RTCStatsReport> =>
      selector ? nativeGetStats(selector) : getRemoteStats();
    this.#define('getConfiguration', { value: getConfiguration, writable: true });
    this.#define('getStats', { value: getStats, writable: true });
    for (let index = 0; index < STATE_EVENTS.length; index++) {
      safe.addEventListener(peerConnection, STATE_EVENTS[index]!.event, (event: Event) => {
        // The browser's own events report states of the local connection.
        if (event.isTrusted) safe.stopImmediatePropagation(event);
      });
    }
  }

  /** The connection with its real states, for negotiating the local connection. */
  get native(): RTCPeerConnection {
    return nativeView(this.#peerConnection);
  }

  handleState(state: PeerConnectionState): void {
    this.#state.update(state, this.#peerConnection);
  }

  /** Fires no event, like a native `close`. */
  close(): void {
    this.#isClosed = true;
    this.#peerConnection.close();
  }

  #read(name: (typeof MIRRORED)[number]): unknown {
    const { current } = this.#state;
    switch (name) {
      case 'localDescription':
      case 'currentLocalDescription':
        return current.localDescription ?? null;
      case 'remoteDescription':
      case 'currentRemoteDescription':
        return current.remoteDescription ?? null;
      default:
        return this.#isClosed && name !== 'iceGatheringState' ? 'closed' : current[name];
    }
  }

  #define(name: string, descriptor: PropertyDescriptor): void {
    safe.defineProperty(this.#peerConnection, name, { configurable: true, ...descriptor });
  }
}

/** A view that reads the accessors of `RTCPeerConnection.prototype` instead of the overriding properties. */
function nativeView(peerConnection: RTCPeerConnection): RTCPeerConnection {
  const prototype = Object.getPrototypeOf(peerConnection) as RTCPeerConnection;
  return new Proxy(peerConnection, {
    get: (target, name) => {
      const value: unknown = Reflect.get(prototype, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}
