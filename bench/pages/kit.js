// The functions that the benchmark calls in a page. They use only the public API of `Peer`, so both sides run the same code.
import {
  answerCalls,
  answered,
  bitrateReached,
  hangUp,
  hangUpPossible,
  hungUp,
  limitBitrate,
  openMedia,
  placeCall,
  placeCallUntilFrame,
} from './call.js';
import { accepted, closeConnection, closed, connect, openPeer } from './connection.js';
import { answerPings, ping } from './round-trip.js';
import { listen, madeBeeps } from './sound.js';
import { streamPaced } from './stream.js';
import { expectMessages, sendAll } from './transfer.js';
import { countFrames, grown, shownFrameRate, watchNumbers } from './video-sink.js';
import { drawnFrames } from './video-source.js';

globalThis.bench = {
  accepted,
  answerCalls,
  answerPings,
  answered,
  bitrateReached,
  closeConnection,
  closed,
  connect,
  countFrames,
  drawnFrames,
  expectMessages,
  grown,
  hangUp,
  hangUpPossible,
  hungUp,
  limitBitrate,
  listen,
  madeBeeps,
  openMedia,
  openPeer,
  ping,
  placeCall,
  placeCallUntilFrame,
  sendAll,
  shownFrameRate,
  streamPaced,
  watchNumbers,
};
