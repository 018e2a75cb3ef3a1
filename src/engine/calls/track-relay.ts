// Carries one received track to the sender of another RTCPeerConnection, where encoded frames cannot be had: the browser
// decodes and encodes it on the way.

export class TrackRelay {
  readonly #track: MediaStreamTrack;
  /** Chromium delivers remote audio nowhere unless an element plays it, if muted. */
  #player: HTMLAudioElement | undefined;

  constructor(track: MediaStreamTrack) {
    this.#track = track;
    if (track.kind !== 'audio') return;
    this.#player = new Audio();
    this.#player.muted = true;
    this.#player.srcObject = new MediaStream([track]);
    // Fails where the track ends before it begins: then there is nothing to play.
    this.#player.play().catch(() => undefined);
  }

  open(sender: RTCRtpSender): void {
    // Fails where the sender's connection is closed: then there is nobody to hear or see.
    sender.replaceTrack(this.#track).catch(() => undefined);
  }

  requestKeyFrame(): void {
    // Our own encoder gives the sender's other end what it asks for.
  }

  close(): void {
    if (this.#player) this.#player.srcObject = null;
    this.#player = undefined;
  }
}
