// The video call: one at a time, with the peer that the page is connected to. PeerJS carries picture and sound, but not a
// word about a call that nobody has answered; those words go over the data connection, by `tell`.
import { explainMediaError, openLocalMedia } from './media.js';
import { describeRoute } from './route.js';
import {
  clearPictures,
  showCallStage,
  showCallTime,
  showOwnPicture,
  showPictureSize,
  showRemotePicture,
  showRemoteShowing,
  showRoute,
  showWavering,
} from './call-view.js';
import { formatDuration } from './format.js';
import { addEvent, hideNotice, showNotice } from './view.js';

/** As long as people let a telephone ring. */
const RING_MS = 45_000;
/** A line that changes more often cannot be read. */
const FIGURES_MS = 1_000;

/** Why a call did not come about, by the word that the other side sent. */
const REFUSALS = {
  declined: ['Declined.', 'The other side does not want to talk right now.'],
  busy: ['Busy.', 'The other side is in another call.'],
};

/** @typedef {'idle' | 'asking' | 'calling' | 'ringing' | 'joining' | 'active'} Stage `asking`: for camera and microphone */

export class VideoCalls {
  #tell;
  /** @type {Stage} */
  #stage = 'idle';
  #call;
  #media;
  /** Aborted when the present call has ended, with everything that belongs to it. */
  #lifetime = new AbortController();
  #activeSince;
  #answeredAt;

  /** @param {(message: object) => void} tell sends over the data connection */
  constructor(tell) {
    this.#tell = tell;
  }

  get isIdle() {
    return this.#stage === 'idle';
  }

  async place(peer, remoteId) {
    if (!this.isIdle) return;
    this.#begin();
    this.#enter('asking');
    const { signal } = this.#lifetime;
    const isReady = await this.#openMedia(signal, () => this.place(peer, remoteId));
    if (signal.aborted) return;
    // The other side may have called in the meantime: then there is no need to call it back.
    if (isReady && this.#call) this.#accept();
    else if (isReady) this.#callOut(peer, remoteId);
    else this.#end();
  }

  /** A call that came in. @param {string} ownId */
  ring(call, ownId) {
    if (this.isIdle) {
      this.#begin();
      this.#adopt(call);
      this.#enter('ringing');
    } else if (this.#stage === 'asking' && !this.#call) {
      this.#adopt(call);
    } else if (this.#stage === 'calling') {
      // Both called at once: both keep the call of the smaller ID.
      if (ownId < call.peer) return;
      const own = this.#call;
      this.#adopt(call);
      own.close();
      this.#accept();
    } else {
      this.#tell({ kind: 'call', word: 'busy', call: call.connectionId });
      call.close();
    }
  }

  async answer() {
    hideNotice();
    if (await this.#openMedia(this.#lifetime.signal, () => this.answer())) this.#accept();
  }

  decline() {
    this.#tellOff('declined');
    this.#end();
  }

  hangUp() {
    // A call that was answered ends at the other side by itself.
    if (this.#call && !this.#call.open) this.#tellOff('cancelled');
    this.#end();
  }

  /** Nobody is at the other end, says the PeerServer. @returns {boolean} whether that was about a call */
  handleUnavailable() {
    if (this.#stage !== 'calling') return false;
    this.#end();
    showNotice('Not reachable.', 'The other side takes no calls: it has lost its PeerServer.');
    return true;
  }

  /** What the other side says about the call, distrusted. */
  handleWord({ word, call, microphone, camera, screen }) {
    if (!this.#call || call !== this.#call.connectionId) return;
    if (word === 'showing') {
      if (this.#stage === 'calling') this.#joinFromNow();
      showRemoteShowing({ microphone: Boolean(microphone), camera: Boolean(camera), screen: Boolean(screen) });
    } else if (word === 'cancelled') {
      this.#end();
      addEvent('Missed video call');
    } else if (Object.hasOwn(REFUSALS, word)) {
      this.#end();
      showNotice(...REFUSALS[word]);
    }
  }

  // ---------------------------------------------------------------- what this side shows

  toggleMicrophone() {
    this.#media.toggleMicrophone();
    this.#showOwn();
  }

  toggleCamera() {
    this.#media.toggleCamera();
    this.#showOwn();
  }

  async toggleScreen() {
    const { signal } = this.#lifetime;
    const media = this.#media;
    const { peerConnection } = this.#call;
    const unshare = async () => {
      await media.unshare(peerConnection);
      if (!signal.aborted) this.#showOwn();
    };
    if (media.showing.screen) {
      await unshare();
      return;
    }
    try {
      await media.share(peerConnection, unshare);
    } catch (error) {
      // Who closes the browser's list of screens has decided not to share one.
      if (error.name !== 'NotAllowedError') showNotice('The screen cannot be shared.', error.message);
      return;
    }
    if (signal.aborted) media.close();
    else this.#showOwn();
  }

  /** On this page, and at the other side. */
  #showOwn() {
    const { shown, showing } = this.#media;
    showOwnPicture(shown, showing);
    this.#tell({ kind: 'call', word: 'showing', call: this.#call.connectionId, ...showing });
  }

  /** Resolves with whether there is something to show; if not, the page says why. */
  async #openMedia(signal, retry) {
    try {
      const media = await openLocalMedia();
      if (signal.aborted) media.close();
      else this.#media = media;
      return !signal.aborted;
    } catch (error) {
      if (!signal.aborted) showNotice(...explainMediaError(error), 'Try again', retry);
      return false;
    }
  }

  // ---------------------------------------------------------------- from stage to stage

  /** @param {Stage} stage */
  #enter(stage) {
    this.#stage = stage;
    showCallStage(stage, this.#call?.peer);
  }

  #begin() {
    hideNotice();
    this.#lifetime = new AbortController();
  }

  #callOut(peer, remoteId) {
    const call = peer.call(remoteId, this.#media.stream);
    // The Peer has said why, by an error.
    if (!call) {
      this.#end();
      return;
    }
    this.#adopt(call);
    this.#enter('calling');
    const { shown, showing } = this.#media;
    showOwnPicture(shown, showing);
    this.#until(
      setTimeout(() => {
        if (this.#stage !== 'calling') return;
        this.hangUp();
        showNotice('No answer.', 'The other side did not pick up.');
      }, RING_MS),
      clearTimeout,
    );
  }

  #accept() {
    this.#call.answer(this.#media.stream);
    this.#joinFromNow();
    this.#showOwn();
  }

  /** The call has been answered. */
  #joinFromNow() {
    this.#answeredAt = performance.now();
    this.#enter('joining');
  }

  /** Makes `call` the one on show; any other has nothing to say any more. */
  #adopt(call) {
    this.#call = call;
    const whileShown = (handle) => (value) => call === this.#call && handle(value);
    call.on(
      'stream',
      whileShown((stream) => this.#join(stream)),
    );
    call.on(
      'iceStateChanged',
      whileShown((state) => showWavering(state === 'disconnected')),
    );
    call.on(
      'close',
      whileShown(() => this.#end()),
    );
    call.on(
      'error',
      whileShown((error) => {
        this.#end();
        showNotice('The call failed.', error.message);
      }),
    );
  }

  /** PeerJS says the same stream once for each of its tracks. */
  #join(stream) {
    if (this.#stage === 'active') return;
    // The stream may come before the word that says so.
    this.#answeredAt ??= performance.now();
    this.#enter('active');
    this.#activeSince = performance.now();
    showRemotePicture(stream, () => {
      // Left in the browser's performance timeline for whoever measures.
      performance.measure('first picture', { start: this.#answeredAt });
    });
    const call = this.#call;
    const refresh = () => {
      showCallTime(performance.now() - this.#activeSince);
      showPictureSize();
      describeRoute(call).then(
        (route) => call === this.#call && showRoute(route),
        // The call has ended, and its statistics with it.
        () => undefined,
      );
    };
    refresh();
    this.#until(setInterval(refresh, FIGURES_MS), clearInterval);
  }

  #tellOff(word) {
    this.#tell({ kind: 'call', word, call: this.#call.connectionId });
  }

  /** Lets go of the call and of the devices. */
  #end() {
    if (this.isIdle) return;
    if (this.#stage === 'active') addEvent(`Video call, ${formatDuration(performance.now() - this.#activeSince)}`);
    const call = this.#call;
    this.#call = undefined;
    this.#lifetime.abort();
    call?.close();
    this.#media?.close();
    this.#media = undefined;
    this.#answeredAt = undefined;
    clearPictures();
    this.#enter('idle');
  }

  /** Stops a timer at the end of the call. */
  #until(timer, stop) {
    this.#lifetime.signal.addEventListener('abort', () => stop(timer));
  }
}
