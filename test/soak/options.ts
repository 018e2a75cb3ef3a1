// How large the soak is (scripts/soak.mjs), and why so.

function numberOf(name: string, usual: number): number {
  const text = process.env[name];
  return text === undefined ? usual : Number(text);
}

/** How long pages come and go. The start, which makes as many connections as there are, comes on top. */
export const MINUTES = numberOf('SOAK_MINUTES', 10);

/** A part of the whole size, for a quick look: 0.1 has 5 tabs with 20 Peers and 50 connections. */
const SCALE = numberOf('SOAK_SCALE', 1);

/** In both profiles with the extension together. */
export const TABS = Math.max(2, Math.round(50 * SCALE));
export const PEERS_A_TAB = 4;

/**
 * By where their ends are. A browser stops at 500 RTCPeerConnections a process, so no host can have both ends of 500, or
 * one end of each: two hosts share them, 300 ends each, and stock PeerJS has the other ends of most.
 */
export const CONNECTIONS = {
  betweenHosts: Math.round(100 * SCALE),
  firstToPeerJS: Math.round(200 * SCALE),
  secondToPeerJS: Math.round(200 * SCALE),
};

/** Tabs with stock PeerJS, beside the others. */
export const PEERJS_TABS = Math.max(1, Math.round(10 * SCALE));

/** Sites of each profile: no site has as many Peers as one may. */
export const SITES = 5;

/**
 * A message on each end of each connection in this time, milliseconds: with 500 connections 200 messages a second. Two slow
 * cores carry that, beside pages that come and go, and do not fall behind.
 */
export const MESSAGE_EVERY_MS = 5000;

/** Calls at any time; each costs encoding and decoding in two pages. */
export const CALLS = 2;

/** From one page that goes to the next, milliseconds. */
export const DEPARTURE_EVERY_MS = 4000;

/** What a process may hold more or less than before, as a part of it. */
export const MEMORY_TOLERANCE = 0.05;
