// The media of this side in a call: camera and microphone, and a shared screen in place of the camera.

/** @returns {Promise<LocalMedia>} rejects like `getUserMedia`; `explainMediaError` explains these errors */
export async function openLocalMedia() {
  // Browsers offer no `mediaDevices` to pages loaded over plain http.
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

  /** The stream that the other side sees, for the user's own picture. */
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

  /** Shares a screen in place of the camera. Calls `onEnd` if the user ends it with the browser's own button. */
  async share(peerConnection, onEnd) {
    const screen = await navigator.mediaDevices.getDisplayMedia({
      video: true,
      selfBrowserSurface: 'include',
    });
    const [track] = screen.getVideoTracks();
    // For text on a screen, sharpness matters more than motion.
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

  /** Closes the devices. */
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

/** Explains an error of camera or microphone, and what the user can do about it. @returns {[string, string]} */
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
