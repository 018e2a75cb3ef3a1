// Writes the text that the user copies into a bug report. Sites have numbers only, the same for background and host.
import type { DiagnosticEntries, DiagnosticEntry, HostDiagnostics } from '../protocol/diagnostics';
import type { Policy } from '../protocol/ui-messages';

/** Entries of each context that the text has: some 20 kB, so that both fit into an issue on GitHub (64 kB). */
export const MOST_SHOWN = 200;

/** `trouble`: it could not be started when it was last needed. `silent`: it gave no answer that can be read. */
export type HostState = HostDiagnostics | 'not-running' | 'trouble' | 'silent';

export interface DiagnosticsSource {
  version: string;
  /** The browser's `navigator.userAgent`, which names browser and platform. */
  userAgent: string;
  /** Milliseconds since the epoch. */
  at: number;
  policy: Policy;
  defaults: Policy;
  /** The members of the policy that an administrator has set, and how many of theirs are ignored as invalid. */
  managed: readonly (keyof Policy)[];
  ignored: number;
  background: DiagnosticEntries;
  host: HostState;
}

const HOST_STATES = {
  'not-running': 'Host: not running, which is usual while no site needs it.',
  trouble: 'Host: not running. It could not be started when it was last needed.',
  silent: 'Host: runs, and did not answer.',
};

export function diagnosticsText({
  version,
  userAgent,
  at,
  policy,
  defaults,
  managed,
  ignored,
  background,
  host,
}: DiagnosticsSource): string {
  const numbers = new SiteNumbers();
  return [
    `Peerport ${version}, ${new Date(at).toISOString()}`,
    userAgent,
    `Settings that differ from the defaults: ${changedSettings(policy, defaults).join(', ') || 'none'}`,
    `Set by an administrator: ${managed.join(', ') || 'nothing'}${ignored > 0 ? `; ${ignored} invalid members are ignored` : ''}`,
    typeof host === 'string' ? HOST_STATES[host] : hostCounts(host),
    '',
    'Background, oldest entry first:',
    ...numbers.lines(background),
    '',
    'Host, oldest entry first:',
    ...(typeof host === 'string' ? ['(nothing)'] : numbers.lines(host)),
    '',
  ].join('\n');
}

/** Words and numbers only: a server's address and credentials stay out. */
function changedSettings(policy: Policy, defaults: Policy): string[] {
  const { peerServer, iceServers, limits, ...others } = policy;
  const switches = Object.entries(others) as [keyof typeof others, string | boolean][];
  const bounds = Object.entries(limits) as [keyof typeof limits, number][];
  return [
    ...switches.filter(([name, value]) => value !== defaults[name]).map(([name, value]) => `${name}=${String(value)}`),
    ...bounds.filter(([name, value]) => value !== defaults.limits[name]).map(([name, value]) => `${name}=${value}`),
    ...(peerServer ? ['own PeerServer'] : []),
    ...(iceServers.length > 0 ? [`own ICE servers=${iceServers.length}`] : []),
  ];
}

function hostCounts({ counts: { documents, peers, connections, queuedBytes } }: HostDiagnostics): string {
  return `Host: ${documents} documents, ${peers} Peers, ${connections} connections, ${queuedBytes} bytes queued`;
}

/** Numbers the sites of several contexts alike, in the order in which the text names them. */
class SiteNumbers {
  readonly #origins: string[] = [];

  lines({ entries, sites }: DiagnosticEntries): string[] {
    const shown = entries.slice(-MOST_SHOWN);
    const left = entries.length - shown.length;
    const lines = shown.map((entry) => this.#line(entry, sites));
    if (lines.length === 0) return ['(nothing)'];
    return left > 0 ? [`(${left} older entries are left out)`, ...lines] : lines;
  }

  #line({ level, logger, key, at, lastAt, count, fields }: DiagnosticEntry, sites: readonly string[]): string {
    const facts = Object.entries(fields).map(([name, value]) =>
      name === 'site' ? this.#site(sites[Number(value) - 1]) : `${name}=${String(value)}`,
    );
    const repeated = count > 1 ? [`×${count} since ${new Date(at).toISOString()}`] : [];
    return [new Date(lastAt).toISOString(), level, `${logger}:`, key, ...facts, ...repeated].join(' ');
  }

  /** Undefined: the site has no number in its context's log. */
  #site(origin: string | undefined): string {
    if (origin === undefined) return 'site ?';
    const known = this.#origins.indexOf(origin) + 1;
    return `site ${known > 0 ? known : this.#origins.push(origin)}`;
  }
}
