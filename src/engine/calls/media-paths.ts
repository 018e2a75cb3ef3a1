// How media get from a receiver of one leg of a hosted call to a sender of the other: as encoded frames where the browser
// gives them out, and else as tracks, which the browser decodes and encodes again.
import { encodedStreams, FrameForwarder, type FrameWriter } from './frame-forwarder';
import type { PlaceholderFrames } from './placeholder-frames';
import { TrackRelay } from './track-relay';

/** Where a way leads: into this sender. */
export type Outlet = FrameWriter | RTCRtpSender;

/** What comes from one receiver, on its way to a sender. Each kind of way has its own kind of outlet. */
export interface MediaPath {
  /** From now on it goes to `outlet`. */
  open(outlet: Outlet): void;
  /** Asks whoever sends to the receiver for a keyframe. */
  requestKeyFrame(): void;
  close(): void;
}

export interface MediaPaths {
  /** A leg of a hosted call. */
  createPeerConnection: (config: RTCConfiguration) => RTCPeerConnection;
  outletOf: (sender: RTCRtpSender) => Outlet;
  pathFrom: (receiver: RTCRtpReceiver) => MediaPath;
  /** Nobody between the ends encodes: what one asks of its sender, keyframes and a limit, has to be passed to the other. */
  passesWishes: boolean;
}

type CreatePeerConnection = (config: RTCConfiguration) => RTCPeerConnection;

/** Chromium's `createEncodedStreams`. */
export function canForwardFrames(): boolean {
  return 'createEncodedStreams' in RTCRtpSender.prototype;
}

export function forwardingPaths(
  createPeerConnection: CreatePeerConnection,
  placeholders: Pick<PlaceholderFrames, 'of'>,
): MediaPaths {
  return {
    // Chromium's extension to RTCConfiguration.
    createPeerConnection: (config) =>
      createPeerConnection({ ...config, encodedInsertableStreams: true } as RTCConfiguration),
    outletOf: (sender) => encodedStreams(sender).writable.getWriter(),
    pathFrom: (receiver) => new FrameForwarder(receiver.track.kind, encodedStreams(receiver), placeholders),
    passesWishes: true,
  };
}

export function relayingPaths(createPeerConnection: CreatePeerConnection): MediaPaths {
  return {
    createPeerConnection,
    outletOf: (sender) => sender,
    pathFrom: (receiver) => new TrackRelay(receiver.track),
    passesWishes: false,
  };
}
