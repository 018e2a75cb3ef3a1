// Mirrors the state of a connection in the host, for an object that the page has in its place.
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

  /** Takes the state over, and fires an event at `target` for each property that has changed. */
  update(state: PeerConnectionState, target: EventTarget): void {
    const before = this.current;
    this.current = { ...before, ...state };
    for (let index = 0; index < STATE_EVENTS.length; index++) {
      const { property, event } = STATE_EVENTS[index]!;
      if (before[property] !== state[property]) safe.dispatch(target, new safe.Event(event));
    }
  }
}
