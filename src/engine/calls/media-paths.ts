// Carries media from a receiver of one leg of a hosted call to a sender of the other: as encoded frames where the
// browser offers them, else as tracks, which the browser decodes and encodes again.
import { encodedStreams, FrameForwarder, type FrameWriter } from './frame-forwarder';
import type { PlaceholderFrames } from './placeholder-frames';
import { TrackRelay } from './track-relay';

/** The end of a path: a sender, or the writer of its encoded frames. */
export type Sink = FrameWriter | RTCRtpSender;

/** The media of one receiver on their way to a sender. Each kind of path takes only its own kind of sink. */
export interface MediaPath {
  /** Carries the media to this sink from now on. */
  open(sink: Sink): void;
  /** Asks the receiver's remote sender for a keyframe. */
  requestKeyFrame(): void;
  close(): void;
}

export interface MediaPaths {
  /** Creates the connection of one leg of a hosted call. */
  createPeerConnection: (config: RTCConfiguration) => RTCPeerConnection;
  sinkOf: (sender: RTCRtpSender) => Sink;
  pathFrom: (receiver: RTCRtpReceiver) => MediaPath;
  /** The host does not encode, so keyframe requests and bitrate limits have to be passed from end to end. */
  passesWishes: boolean;
}

type CreatePeerConnection = (config: RTCConfiguration) => RTCPeerConnection;

/** True where the browser has Chromium's `createEncodedStreams`. */
export function canForwardFrames(): boolean {
  return 'createEncodedStreams' in RTCRtpSender.prototype;
}

export function forwardingPaths(
  createPeerConnection: CreatePeerConnection,
  placeholders: Pick<PlaceholderFrames, 'of'>,
): MediaPaths {
  return {
    // `encodedInsertableStreams` is Chromium's extension to RTCConfiguration.
    createPeerConnection: (config) =>
      createPeerConnection({ ...config, encodedInsertableStreams: true } as RTCConfiguration),
    sinkOf: (sender) => encodedStreams(sender).writable.getWriter(),
    pathFrom: (receiver) => new FrameForwarder(receiver.track.kind, encodedStreams(receiver), placeholders),
    passesWishes: true,
  };
}

export function relayingPaths(createPeerConnection: CreatePeerConnection): MediaPaths {
  return {
    createPeerConnection,
    sinkOf: (sender) => sender,
    pathFrom: (receiver) => new TrackRelay(receiver.track),
    passesWishes: false,
  };
}
