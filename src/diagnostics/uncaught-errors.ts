// Logs a context's uncaught errors and rejections. The browser reports them to its console as before.
import type { Logger } from './diagnostic-log';

type Events = Pick<EventTarget, 'addEventListener'>;

/** `target`: the context's global object. */
export function logUncaughtErrors(target: Events, log: Logger<'background'> | Logger<'host'>): void {
  target.addEventListener('error', (event) => {
    log.error('uncaught-error', { error: (event as ErrorEvent).error as unknown });
  });
  target.addEventListener('unhandledrejection', (event) => {
    log.error('uncaught-rejection', { error: (event as PromiseRejectionEvent).reason as unknown });
  });
}
