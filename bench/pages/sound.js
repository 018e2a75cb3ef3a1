// Makes beeps and records when, and records when beeps of the other end arrive.
//
// Both ends are worklets, because those see the sound where it enters and leaves Web Audio, however busy the page is. They use
// Date.now(), which has whole milliseconds but is the same clock in every browser of the machine.

/** @typedef {{ pitch: number, at: number }} Beep `pitch`: index of the pitch, not hertz */

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

/** Listens to a stream, if it has sound. @param {MediaStream} stream must be played by an element; otherwise it is silent here */
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
 * Resolves with the beeps heard during this time.
 * @param {number} duration milliseconds
 * @returns {Promise<Beep[]>}
 */
export async function listen(duration) {
  heard = [];
  await new Promise((resolve) => setTimeout(resolve, duration));
  if (heard.length === 0) throw new Error('nothing was heard');
  return heard;
}
