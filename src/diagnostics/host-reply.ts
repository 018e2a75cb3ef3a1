// Checks the host's diagnostics against the vocabulary, as whatever comes from another process.
import * as v from 'valibot';
import { LEVELS, type HostDiagnostics } from '../protocol/diagnostics';
import { MAX_ENTRIES, MAX_SITES } from './diagnostic-log';
import { FIELDS, KEYS, type LoggerName } from './vocabulary';

const LOGGERS = Object.keys(KEYS) as LoggerName[];
const MAX_ORIGIN_LENGTH = 2048;

const moment = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const entry = v.pipe(
  v.strictObject({
    logger: v.picklist(LOGGERS),
    level: v.picklist(LEVELS),
    key: v.string(),
    at: moment,
    lastAt: moment,
    count,
    fields: v.partial(v.strictObject(FIELDS)),
  }),
  v.check(({ logger, key }) => (KEYS[logger] as readonly string[]).includes(key)),
);

const hostDiagnostics = v.strictObject({
  entries: v.pipe(v.array(entry), v.maxLength(LOGGERS.length * MAX_ENTRIES)),
  sites: v.pipe(v.array(v.pipe(v.string(), v.maxLength(MAX_ORIGIN_LENGTH))), v.maxLength(MAX_SITES)),
  counts: v.strictObject({ documents: count, peers: count, connections: count, queuedBytes: count }),
});

/** Undefined if the reply is not what a host says. */
export function parseHostDiagnostics(reply: unknown): HostDiagnostics | undefined {
  const result = v.safeParse(hostDiagnostics, reply);
  return result.success ? (result.output as HostDiagnostics) : undefined;
}
