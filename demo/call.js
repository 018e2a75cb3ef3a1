// The video call with the connected peer, one at a time. PeerJS transports picture and sound, but does not signal that a call was
// declined, cancelled or missed. Those messages go over the data connection, by `tell`.
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

/** How long a call rings. */
const RING_MS = 45_000;
/** Interval between updates of the figures; faster changes are hard to read. */
const FIGURES_MS = 1_000;

/** Notices for refused calls, by the word that the other side sent. */
const REFUSALS = {
  declined: ['Declined.', 'The other side does not want to talk right now.'],
  busy: ['Busy.', 'The other side is in another call.'],
};

/** @typedef {'idle' | 'asking' | 'calling' | 'ringing' | 'joining' | 'active'} Stage `asking`: the browser asks the user for camera and microphone */

export class VideoCalls {
  #tell;
  /** @type {Stage} */
  #stage = 'idle';
  #call;
  #media;
  /** Aborted when the present call ends; stops everything that belongs to it. */
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
    // If the other side has called in the meantime, answer its call instead of calling back.
    if (isReady && this.#call) this.#accept();
    else if (isReady) this.#callOut(peer, remoteId);
    else this.#end();
  }

  /** Handles an incoming call. @param {string} ownId */
  ring(call, ownId) {
    if (this.isIdle) {
      this.#begin();
      this.#adopt(call);
      this.#enter('ringing');
    } else if (this.#stage === 'asking' && !this.#call) {
      this.#adopt(call);
    } else if (this.#stage === 'calling') {
      // Both sides called at the same time: both keep the call that the smaller ID made.
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
    // An answered call ends at the other side without a message.
    if (this.#call && !this.#call.open) this.#tellOff('cancelled');
    this.#end();
  }

  /** Handles the PeerServer's error that the peer is unavailable. @returns {boolean} whether it concerned a call */
  handleUnavailable() {
    if (this.#stage !== 'calling') return false;
    this.#end();
    showNotice('Not reachable.', 'The other side takes no calls: it has lost its PeerServer.');
    return true;
  }

  /** Handles a message of the other side about the call. Its contents are untrusted. */
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
      // A user who closes the browser's list of screens has decided not to share one.
      if (error.name !== 'NotAllowedError') showNotice('The screen cannot be shared.', error.message);
      return;
    }
    if (signal.aborted) media.close();
    else this.#showOwn();
  }

  /** Shows the state of this side's devices on this page and at the other side. */
  #showOwn() {
    const { shown, showing } = this.#media;
    showOwnPicture(shown, showing);
    this.#tell({ kind: 'call', word: 'showing', call: this.#call.connectionId, ...showing });
  }

  /** Resolves with whether the devices could be opened. If not, the page shows why. */
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
    // The Peer has emitted an error with the reason.
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

  /** Enters the stage after the answer. */
  #joinFromNow() {
    this.#answeredAt = performance.now();
    this.#enter('joining');
  }

  /** Makes `call` the present call. Events of earlier calls are ignored from now on. */
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

  /** PeerJS emits the same stream once per track. */
  #join(stream) {
    if (this.#stage === 'active') return;
    // The stream may arrive before the message that the call was answered.
    this.#answeredAt ??= performance.now();
    this.#enter('active');
    this.#activeSince = performance.now();
    showRemotePicture(stream, () => {
      // Recorded in the browser's performance timeline for tools.
      performance.measure('first picture', { start: this.#answeredAt });
    });
    const call = this.#call;
    const refresh = () => {
      showCallTime(performance.now() - this.#activeSince);
      showPictureSize();
      describeRoute(call).then(
        (route) => call === this.#call && showRoute(route),
        // The call has ended, so it has no statistics.
        () => undefined,
      );
    };
    refresh();
    this.#until(setInterval(refresh, FIGURES_MS), clearInterval);
  }

  #tellOff(word) {
    this.#tell({ kind: 'call', word, call: this.#call.connectionId });
  }

  /** Ends the call and closes the devices. */
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
