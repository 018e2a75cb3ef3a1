// Carries one received track to the sender of another RTCPeerConnection, in browsers without encoded frames: the
// browser decodes the track and encodes it again.

export class TrackRelay {
  readonly #track: MediaStreamTrack;
  /** Chromium delivers remote audio only while an element plays it; a muted one is enough. */
  #player: HTMLAudioElement | undefined;

  constructor(track: MediaStreamTrack) {
    this.#track = track;
    if (track.kind !== 'audio') return;
    this.#player = new Audio();
    this.#player.muted = true;
    this.#player.srcObject = new MediaStream([track]);
    // Rejects if the track ends before it has started: then there is nothing to play.
    this.#player.play().catch(() => undefined);
  }

  open(sender: RTCRtpSender): void {
    // Rejects if the sender's connection is closed: then nobody needs the track.
    sender.replaceTrack(this.#track).catch(() => undefined);
  }

  requestKeyFrame(): void {
    // Nothing to pass on: our own encoder answers the requests of the sender's other end.
  }

  close(): void {
    if (this.#player) this.#player.srcObject = null;
    this.#player = undefined;
  }
}
