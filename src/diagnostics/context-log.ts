// Starts the log of one context. Call it first of all, so that the log has the errors of the context's own start.
import { DiagnosticLog } from './diagnostic-log';
import { logUncaughtErrors } from './uncaught-errors';

/** The function by which a developer reads the log in the context's console (docs/logging.md). */
const READERS = { background: 'peerportBackgroundLog', host: 'peerportHostLog' } as const;

/** `target`: the context's global object. */
export function startContextLog(
  target: Pick<EventTarget, 'addEventListener'>,
  context: keyof typeof READERS,
): DiagnosticLog {
  const diagnosticLog = new DiagnosticLog(Date.now);
  const log = diagnosticLog.logger(context);
  logUncaughtErrors(target, log);
  log.info('started');
  Object.assign(target, { [READERS[context]]: () => diagnosticLog.read().entries });
  return diagnosticLog;
}
