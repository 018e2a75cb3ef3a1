// The size of the soak (scripts/soak.mjs), with reasons.

function numberOf(name: string, usual: number): number {
  const text = process.env[name];
  return text === undefined ? usual : Number(text);
}

/** How long pages come and go, without the time to open all connections. */
export const MINUTES = numberOf('SOAK_MINUTES', 10);

/** The fraction of the full size, for a quick run: 0.1 is 6 tabs with 24 Peers and 51 connections. */
const SCALE = numberOf('SOAK_SCALE', 1);

/** Profiles with the extension. */
export const PROFILES = ['first', 'second', 'third'] as const;

/** Tabs of each of these profiles: 51 in all. */
export const TABS_PER_PROFILE = Math.max(1, Math.round(17 * SCALE));
export const PEERS_PER_TAB = 4;

/**
 * Connections by their two ends, 501 in all. The limit of a host is 300 connections of all sites together, which includes up to 64
 * closed ones that the browser has not collected yet. So each of the three hosts has 197 ends, and stock PeerJS has the other ends.
 */
export const CONNECTIONS = {
  perPairOfHosts: Math.round(30 * SCALE),
  perHostToPeerJS: Math.round(137 * SCALE),
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
