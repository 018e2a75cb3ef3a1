// Beeps that tell when they were made, and an ear that tells when it heard one.
//
// Both ends are worklets, which see sound where it enters and leaves Web Audio, however busy the page is. They read
// Date.now(): whole milliseconds, but of the machine's own clock, the same in every browser on it.

/** @typedef {{ pitch: number, at: number }} Beep `pitch`: which of the pitches, not hertz */

/** @type {AudioContext} */
let context;
/** @type {Beep[]} */
const made = [];
/** @type {Beep[]} */
let heard = [];

/** @returns {Promise<MediaStreamTrack>} */
export async function openSoundSource() {
  context = new AudioContext();
  await context.audioWorklet.addModule('/sound-worklets.js');
  await context.resume();
  const mouth = new AudioWorkletNode(context, 'mouth', { numberOfInputs: 0 });
  mouth.port.onmessage = ({ data }) => made.push(data);
  const destination = context.createMediaStreamDestination();
  mouth.connect(destination);
  return destination.stream.getAudioTracks()[0];
}

/** Listens to a stream, if it has sound. @param {MediaStream} stream which some element must play, or it is silent here */
export function hear(stream) {
  if (stream.getAudioTracks().length === 0) return;
  const ear = new AudioWorkletNode(context, 'ear', { numberOfOutputs: 0 });
  ear.port.onmessage = ({ data }) => heard.push(data);
  context.createMediaStreamSource(stream).connect(ear);
}

/** @returns {Beep[]} */
export function madeBeeps() {
  return made;
}

/**
 * What is heard from now on.
 * @param {number} duration milliseconds
 * @returns {Promise<Beep[]>}
 */
export async function listen(duration) {
  heard = [];
  await new Promise((resolve) => setTimeout(resolve, duration));
  if (heard.length === 0) throw new Error('nothing was heard');
  return heard;
}
