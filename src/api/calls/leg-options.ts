// What the page's part of a call needs on either route.
import type { SignalMessage } from '../../protocol/signalling';

export interface LegOptions {
  connectionId: string;
  stream: MediaStream | undefined;
  send: (message: SignalMessage) => void;
  onTrack: (event: RTCTrackEvent) => void;
  onError: (error: unknown) => void;
}
