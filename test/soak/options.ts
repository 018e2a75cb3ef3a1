// The size of the soak (scripts/soak.mjs), with reasons.

function numberOf(name: string, usual: number): number {
  const text = process.env[name];
  return text === undefined ? usual : Number(text);
}

/** How long pages come and go, without the time to open all connections. */
export const MINUTES = numberOf('SOAK_MINUTES', 10);

/** The fraction of the full size, for a quick run: 0.1 is 5 tabs with 20 Peers and 50 connections. */
const SCALE = numberOf('SOAK_SCALE', 1);

/** Tabs of both profiles with the extension together. */
export const TABS = Math.max(2, Math.round(50 * SCALE));
export const PEERS_PER_TAB = 4;

/**
 * Connections by their two ends. A browser allows 500 RTCPeerConnections per process, so a single host cannot have both
 * ends of 500 connections, nor one end of each. Two hosts have 300 ends each, and stock PeerJS has the remaining ends.
 */
export const CONNECTIONS = {
  betweenHosts: Math.round(100 * SCALE),
  firstToPeerJS: Math.round(200 * SCALE),
  secondToPeerJS: Math.round(200 * SCALE),
};

/** Additional tabs with stock PeerJS. */
export const PEERJS_TABS = Math.max(1, Math.round(10 * SCALE));

/** Sites of each profile, so that no site reaches its limit of Peers. */
export const SITES = 5;

/**
 * Interval between the messages of each end of a connection, milliseconds. 500 connections thus send 200 messages a
 * second, which two slow cores can process while pages come and go.
 */
export const MESSAGE_EVERY_MS = 5000;

/** Calls after each replaced page. Each call costs encoding and decoding in two pages. */
export const CALLS = 2;

/** Interval between replaced pages, milliseconds. */
export const REPLACEMENT_EVERY_MS = 4000;

/** The allowed growth of a process's memory, as a fraction of its memory before. */
export const MEMORY_TOLERANCE = 0.05;
