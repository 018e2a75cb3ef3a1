// Writes the diagnostics that the user copies into a bug report: of this background, and of the host if one runs.
import type { DiagnosticLog } from '../../src/diagnostics/diagnostic-log';
import { diagnosticsText, type HostState } from '../../src/diagnostics/diagnostics-text';
import { parseHostDiagnostics } from '../../src/diagnostics/host-reply';
import { ignoredMembers } from '../../src/sites/policy/managed-policy';
import type { PolicyBook } from '../../src/sites/policy/policy';
import type { Policy } from '../../src/protocol/ui-messages';

/** A host that is busy answers in far less, and the user waits for the text. */
const REPLY_TIMEOUT_MS = 5_000;

export interface DiagnosticsDependencies {
  log: Pick<DiagnosticLog, 'read'>;
  /** Rejects if no host runs. The reply is checked here. */
  askHost: () => Promise<unknown>;
  isHostInTrouble: () => Promise<boolean>;
  policy: Pick<PolicyBook, 'view'>;
  /** The administrator's records. */
  managed: () => Promise<Record<string, unknown>>;
  defaults: Policy;
  version: string;
  userAgent: string;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export async function describeDiagnostics(dependencies: DiagnosticsDependencies): Promise<string> {
  const { log, policy, defaults, version, userAgent, now } = dependencies;
  const [host, view, records] = await Promise.all([hostState(dependencies), policy.view(), dependencies.managed()]);
  return diagnosticsText({
    version,
    userAgent,
    at: now(),
    policy: view.policy,
    defaults,
    managed: view.managed,
    ignored: ignoredMembers(records),
    background: log.read(),
    host,
  });
}

async function hostState({ askHost, isHostInTrouble }: DiagnosticsDependencies): Promise<HostState> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise((resolve) => (timer = setTimeout(resolve, REPLY_TIMEOUT_MS)));
  try {
    const reply = await Promise.race([askHost(), silence]);
    return parseHostDiagnostics(reply) ?? 'silent';
  } catch {
    return (await isHostInTrouble()) ? 'trouble' : 'not-running';
  } finally {
    clearTimeout(timer);
  }
}
