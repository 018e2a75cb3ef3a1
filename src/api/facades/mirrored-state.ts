// The state of a connection in the host, as the page's own object mirrors it.
import type { PeerConnectionState } from '../../protocol/host-messages';
import { safe } from '../safe/built-ins';

/** The mirrored properties, each with the event that its change fires. */
export const STATE_EVENTS = [
  { property: 'signalingState', event: 'signalingstatechange' },
  { property: 'iceGatheringState', event: 'icegatheringstatechange' },
  { property: 'iceConnectionState', event: 'iceconnectionstatechange' },
  { property: 'connectionState', event: 'connectionstatechange' },
] as const;

export class MirroredState {
  current: PeerConnectionState = {
    connectionState: 'new',
    iceConnectionState: 'new',
    iceGatheringState: 'new',
    signalingState: 'stable',
  };

  /** Replaces the state, and fires the events of what changed at `target`. */
  update(state: PeerConnectionState, target: EventTarget): void {
    const before = this.current;
    this.current = { ...before, ...state };
    for (let index = 0; index < STATE_EVENTS.length; index++) {
      const { property, event } = STATE_EVENTS[index]!;
      if (before[property] !== state[property]) safe.dispatch(target, new safe.Event(event));
    }
  }
}
