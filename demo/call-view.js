// Shows the call in the page: the caller, both pictures, which devices are on, and the figures below.
import { hoistFlags } from './flags.js';
import { formatDuration } from './format.js';
import { find } from './view.js';

const NOTES = {
  asking: 'Waiting for your camera',
  calling: 'Calling',
  joining: 'Connecting',
};

const NOTHING_YET = {
  hasPicture: false,
  isWavering: false,
  showing: { microphone: true, camera: true, screen: false },
};
const remote = { stage: 'idle', ...NOTHING_YET };

/** Where the focus goes when a stage hides the focused button. */
const NEXT_BUTTON = { call: 'hang-up', answer: 'hang-up', decline: 'call' };

/** @param {import('./call.js').Stage} stage */
export function showCallStage(stage, remoteId) {
  const { activeElement } = document;
  const hasStage = !['idle', 'ringing'].includes(stage);
  document.body.dataset.call = stage;
  find('incoming').hidden = stage !== 'ringing';
  find('stage').hidden = !hasStage;
  find('call').hidden = stage !== 'idle';
  find('caller-id').textContent = remoteId ?? '';
  hoistFlags(find('caller-flags'), stage === 'ringing' ? remoteId : undefined);
  for (const id of ['microphone', 'camera']) find(id).disabled = stage !== 'active';
  find('screen').disabled = stage !== 'active' || !navigator.mediaDevices?.getDisplayMedia;
  remote.stage = stage;
  showRemoteState();
  keepFocus(activeElement, hasStage);
}

function keepFocus(previous, hasStage) {
  if (!previous || previous.checkVisibility()) return;
  if (previous.closest('#stage')) find('call').focus();
  else if (NEXT_BUTTON[previous.id]) find(hasStage ? 'hang-up' : NEXT_BUTTON[previous.id]).focus();
}

export function showOwnPicture(stream, { microphone, camera, screen }) {
  const video = find('own-picture');
  if (video.srcObject !== stream) video.srcObject = stream;
  video.classList.toggle('mirrored', !screen);
  video.hidden = !camera && !screen;
  press('microphone', microphone, microphone ? 'Turn your microphone off' : 'Turn your microphone on');
  press('camera', camera, camera ? 'Turn your camera off' : 'Turn your camera on');
  press('screen', screen, screen ? 'Stop sharing your screen' : 'Share your screen');
}

/** Updates a toggle button. Its name stays the same, as for any toggle; the title describes the next click. */
function press(id, isPressed, title) {
  find(id).setAttribute('aria-pressed', String(isPressed));
  find(id).title = title;
}

/** Calls `onFirstPicture` when the page shows the first frame. */
export function showRemotePicture(stream, onFirstPicture) {
  const video = find('remote-picture');
  video.srcObject = stream;
  video.requestVideoFrameCallback(() => {
    if (video.srcObject !== stream) return;
    remote.hasPicture = true;
    showRemoteState();
    onFirstPicture();
  });
}

export function clearPictures() {
  for (const id of ['remote-picture', 'own-picture']) find(id).srcObject = null;
  for (const id of ['call-time', 'picture-size', 'route']) find(id).textContent = '';
  lastCount = undefined;
  Object.assign(remote, NOTHING_YET);
}

export function showRemoteShowing(showing) {
  remote.showing = showing;
  showRemoteState();
}

/** Shows whether the connection is interrupted at the moment. */
export function showWavering(isWavering) {
  remote.isWavering = isWavering;
  showRemoteState();
}

function showRemoteState() {
  const { isWavering, showing } = remote;
  const isDark = !showing.camera && !showing.screen;
  find('remote-muted').hidden = showing.microphone;
  find('remote-picture').classList.toggle('whole', showing.screen);
  find('remote-picture').classList.toggle('dark', isDark || isWavering);
  find('call-note').textContent = noteOn(remote, isDark);
}

function noteOn({ stage, hasPicture, isWavering }, isDark) {
  if (stage !== 'active') return NOTES[stage] ?? '';
  if (isWavering) return 'The network wavers';
  if (isDark) return 'The other side’s camera is off';
  return hasPicture ? '' : 'Waiting for the picture';
}

export function showCallTime(ms) {
  find('call-time').textContent = formatDuration(ms);
}

/** The number of frames at the last update, and its time. */
let lastCount;

/** Shows the size and frame rate of the other side's picture. */
export function showPictureSize() {
  const video = find('remote-picture');
  const count = { at: performance.now(), frames: video.getVideoPlaybackQuality().totalVideoFrames };
  // In Firefox the count stays 0 for calls.
  const rate =
    lastCount && count.frames > 0 ? ((count.frames - lastCount.frames) / (count.at - lastCount.at)) * 1000 : undefined;
  lastCount = count;
  if (video.videoWidth === 0) return;
  const size = `${video.videoWidth} × ${video.videoHeight}`;
  find('picture-size').textContent = rate === undefined ? size : `${size} at ${Math.round(rate)} fps`;
}

export function showRoute(text) {
  find('route').textContent = text;
}
