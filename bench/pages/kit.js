// What the benchmark asks of a page. Written against the public API of `Peer` alone, the same for both sides.
import { accepted, closeLink, closed, connect, openPeer } from './link.js';
import { answerPings, ping } from './round-trip.js';
import { streamPaced } from './stream.js';
import { expectMessages, sendAll } from './transfer.js';

globalThis.bench = {
  accepted,
  answerPings,
  closeLink,
  closed,
  connect,
  expectMessages,
  openPeer,
  ping,
  sendAll,
  streamPaced,
};
