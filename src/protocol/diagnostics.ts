// The diagnostics that the host hands to the background: the entries of its log, and how much it carries. The names of
// sites stay within the extension: the copy that the user takes has only their numbers.

/** Worst first. docs/logging.md says which is for what. */
export const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];

/** One entry of a context's log. src/diagnostics/vocabulary.ts lists the loggers, keys and fields that exist. */
export interface DiagnosticEntry {
  logger: string;
  level: Level;
  key: string;
  /** Milliseconds since the epoch: the first and the last of `count` alike events. */
  at: number;
  lastAt: number;
  count: number;
  fields: Record<string, number | boolean | string | string[]>;
}

/** What a context has logged. */
export interface DiagnosticEntries {
  /** In the order of `lastAt`. */
  entries: DiagnosticEntry[];
  /** The origins of the sites that entries name by number: 1 is the first. */
  sites: string[];
}

/** What the host carries at the moment. */
interface HostCounts {
  documents: number;
  peers: number;
  connections: number;
  /** Bytes queued for the network or for pages. */
  queuedBytes: number;
}

export interface HostDiagnostics extends DiagnosticEntries {
  counts: HostCounts;
}
