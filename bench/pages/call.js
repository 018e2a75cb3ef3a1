// The page's own media and its one call.
import { currentPeer } from './connection.js';
import { hear, openSoundSource } from './sound.js';
import { frameShown, show } from './video-sink.js';
import { openVideoSource } from './video-source.js';

/** @typedef {{ video?: { width: number, height: number }, audio?: boolean }} Media */

/** @type {MediaStream} */
let localStream;
/** @type {import('peerjs').MediaConnection} */
let call;
/** Resolves when the other end's stream has arrived. @type {Promise<void>} */
let established;
/** Resolves when a hang-up would reach the other end; PeerJS loses earlier ones. @type {Promise<void>} */
let closable;
/** @type {Promise<void>} */
let closing;

/** @param {Media} media */
export async function openMedia({ video, audio }) {
  localStream = new MediaStream();
  if (video) localStream.addTrack(openVideoSource(video));
  if (audio) localStream.addTrack(await openSoundSource());
}

/** Answers every later call at once. @param {import('peerjs').AnswerOption} options */
export function answerCalls(options) {
  currentPeer().on('call', (incoming) => {
    adopt(incoming);
    incoming.answer(localStream, options);
  });
}

/**
 * Calls; resolves when the answer's stream has arrived.
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

/** Resolves when the present call has the other end's stream. */
export function answered() {
  return established;
}

/**
 * Limits the video bitrate of the present call.
 * @param {number} bitsPerSecond
 */
export async function limitBitrate(bitsPerSecond) {
  for (const sender of call.peerConnection.getSenders()) {
    if (sender.track?.kind !== 'video') continue;
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) encoding.maxBitrate = bitsPerSecond;
    await sender.setParameters(parameters);
  }
}

/**
 * Resolves when this page sends at this rate, or when patience ends.
 * @param {number} bitsPerSecond
 * @param {number} patienceMs
 */
export async function bitrateReached(bitsPerSecond, patienceMs) {
  const deadline = performance.now() + patienceMs;
  let before = await videoBytesSent();
  do {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const after = await videoBytesSent();
    if (8 * (after - before) >= bitsPerSecond) return;
    before = after;
  } while (performance.now() < deadline);
}

async function videoBytesSent() {
  let bytes = 0;
  for (const stats of (await call.peerConnection.getStats()).values()) {
    if (stats.type === 'outbound-rtp' && stats.kind === 'video') bytes += stats.bytesSent;
  }
  return bytes;
}

/** Resolves when a hang-up would reach the other end. */
export function hangUpPossible() {
  return closable;
}

export function hangUp() {
  call.close();
}

/** Resolves when the present call has ended. */
export function hungUp() {
  return closing;
}

/** @param {import('peerjs').MediaConnection} connection */
function adopt(connection) {
  call = connection;
  closable = new Promise((resolve) => connection.on('willCloseOnRemote', resolve));
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
  // A call may end without anything waiting for it.
  established.catch(() => undefined);
}
