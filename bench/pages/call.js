// The page's own media and its one call.
import { currentPeer } from './link.js';
import { hear, openSoundSource } from './sound.js';
import { frameShown, show } from './video-sink.js';
import { openVideoSource } from './video-source.js';

/** @typedef {{ video?: { width: number, height: number }, audio?: boolean }} Media */

/** @type {MediaStream} */
let localStream;
/** @type {import('peerjs').MediaConnection} */
let call;
/** Resolves when the other's stream is there. @type {Promise<void>} */
let established;
/** @type {Promise<void>} */
let closing;

/** @param {Media} media */
export async function openMedia({ video, audio }) {
  localStream = new MediaStream();
  if (video) localStream.addTrack(openVideoSource(video));
  if (audio) localStream.addTrack(await openSoundSource());
}

/** Answers every call from now on, at once. @param {import('peerjs').AnswerOption} options */
export function answerCalls(options) {
  currentPeer().on('call', (incoming) => {
    adopt(incoming);
    incoming.answer(localStream, options);
  });
}

/**
 * Resolves when the answer's stream is there.
 * @param {string} id
 * @param {import('peerjs').CallOption} options
 */
export async function placeCall(id, options) {
  const outgoing = currentPeer().call(id, localStream, options);
  if (!outgoing) throw new Error('the Peer made no call');
  adopt(outgoing);
  await established;
}

/**
 * @param {string} id
 * @param {import('peerjs').CallOption} options
 * @returns {Promise<number>} milliseconds from `call()` to the first frame
 */
export async function placeCallUntilFrame(id, options) {
  const startedAt = performance.now();
  await placeCall(id, options);
  await frameShown();
  return performance.now() - startedAt;
}

/** Resolves when the stream of the present call's other end is there. */
export function answered() {
  return established;
}

export function hangUp() {
  call.close();
}

/** Resolves when the present call is over. */
export function hungUp() {
  return closing;
}

/** @param {import('peerjs').MediaConnection} connection */
function adopt(connection) {
  call = connection;
  closing = new Promise((resolve) => connection.on('close', resolve));
  established = new Promise((resolve, reject) => {
    connection.on('stream', (stream) => {
      show(stream);
      hear(stream);
      resolve();
    });
    connection.on('error', reject);
    connection.on('close', () => reject(new Error('the call was closed')));
    currentPeer().once('error', reject);
  });
  // An end that nobody waits for is no news.
  established.catch(() => undefined);
}
