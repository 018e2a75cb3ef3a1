// How media get from a receiver of one leg of a hosted call to a sender of the other: as encoded frames where the browser
// gives them out, and else as tracks, which the browser decodes and encodes again.
import { encodedStreams, FrameForwarder, type FrameWriter } from './frame-forwarder';
import type { StandInFrames } from './stand-in-frames';
import { TrackRelay } from './track-relay';

/** Where a way leads: into this sender. */
export type Outlet = FrameWriter | RTCRtpSender;

/** What comes from one receiver, on its way to a sender. Each kind of way has its own kind of outlet. */
export interface Way {
  /** From now on it goes to `outlet`. */
  open(outlet: Outlet): void;
  /** Asks whoever sends to the receiver for a keyframe. */
  requestKeyFrame(): void;
  close(): void;
}

export interface MediaWays {
  /** A leg of a hosted call. */
  createPeerConnection: (config: RTCConfiguration) => RTCPeerConnection;
  outletOf: (sender: RTCRtpSender) => Outlet;
  wayFrom: (receiver: RTCRtpReceiver) => Way;
  /** Nobody between the ends encodes: what one asks of its sender, keyframes and a limit, has to be passed to the other. */
  passesWishes: boolean;
}

type CreatePeerConnection = (config: RTCConfiguration) => RTCPeerConnection;

/** Chromium's `createEncodedStreams`. */
export function canForwardFrames(): boolean {
  return 'createEncodedStreams' in RTCRtpSender.prototype;
}

export function forwardingWays(
  createPeerConnection: CreatePeerConnection,
  standIns: Pick<StandInFrames, 'of'>,
): MediaWays {
  return {
    // Chromium's extension to RTCConfiguration.
    createPeerConnection: (config) =>
      createPeerConnection({ ...config, encodedInsertableStreams: true } as RTCConfiguration),
    outletOf: (sender) => encodedStreams(sender).writable.getWriter(),
    wayFrom: (receiver) => new FrameForwarder(receiver.track.kind, encodedStreams(receiver), standIns),
    passesWishes: true,
  };
}

export function relayingWays(createPeerConnection: CreatePeerConnection): MediaWays {
  return {
    createPeerConnection,
    outletOf: (sender) => sender,
    wayFrom: (receiver) => new TrackRelay(receiver.track),
    passesWishes: false,
  };
}
