// What this side shows and says in a call: camera and microphone, and the screen in the camera's place while it is shared.

/** @returns {Promise<LocalMedia>} rejects as `getUserMedia` does; `explainMediaError` has words for that */
export async function openLocalMedia() {
  // Browsers have no `mediaDevices` on pages that came over plain http.
  if (!navigator.mediaDevices) throw new DOMException('This page did not come over https.', 'SecurityError');
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  return new LocalMedia(stream);
}

class LocalMedia {
  #screen;

  constructor(stream) {
    this.stream = stream;
  }

  /** What the other side sees, for the own picture. */
  get shown() {
    return this.#screen ?? this.stream;
  }

  get showing() {
    return {
      microphone: this.#microphone.enabled,
      camera: this.#camera.enabled,
      screen: this.#screen !== undefined,
    };
  }

  toggleMicrophone() {
    this.#microphone.enabled = !this.#microphone.enabled;
  }

  toggleCamera() {
    this.#camera.enabled = !this.#camera.enabled;
  }

  /** Puts a screen in the camera's place; `onEnd`: the person ended it with the browser's own button. */
  async share(peerConnection, onEnd) {
    const screen = await navigator.mediaDevices.getDisplayMedia({
      video: true,
      selfBrowserSurface: 'include',
    });
    const [track] = screen.getVideoTracks();
    // Letters want to be sharp before they want to move.
    track.contentHint = 'detail';
    track.addEventListener('ended', onEnd, { once: true });
    try {
      await videoSender(peerConnection).replaceTrack(track);
    } catch (error) {
      stop(screen);
      throw error;
    }
    this.#screen = screen;
  }

  async unshare(peerConnection) {
    if (!this.#screen) return;
    stop(this.#screen);
    this.#screen = undefined;
    await videoSender(peerConnection).replaceTrack(this.#camera);
  }

  /** Lets go of the devices. */
  close() {
    stop(this.stream);
    if (this.#screen) stop(this.#screen);
    this.#screen = undefined;
  }

  get #microphone() {
    return this.stream.getAudioTracks()[0];
  }

  get #camera() {
    return this.stream.getVideoTracks()[0];
  }
}

function videoSender(peerConnection) {
  return peerConnection.getSenders().find(({ track }) => track?.kind === 'video');
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** What went wrong with camera or microphone, and what the person in front of it can do. @returns {[string, string]} */
export function explainMediaError(error) {
  switch (error.name) {
    case 'NotAllowedError':
      return ['Camera and microphone are blocked.', 'Allow them for this page in the address bar, then try again.'];
    case 'NotFoundError':
      return ['No camera or no microphone.', 'Plug in what is missing, then try again.'];
    case 'NotReadableError':
      return ['The camera is taken.', 'Close the program that uses it, then try again.'];
    default:
      return ['Camera and microphone do not start.', error.message];
  }
}
