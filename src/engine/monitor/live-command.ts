// Parses the commands of a watching page. The page is our own, but its messages come from another process.
import * as v from 'valibot';
import type { LiveCommand } from '../../protocol/live-messages';

const liveCommand = v.variant('type', [
  v.object({ type: v.literal('close'), connectionKey: v.string() }),
  v.object({
    type: v.literal('closeAll'),
    origin: v.string(),
    ancestors: v.exactOptional(v.array(v.string())),
    topOrigin: v.exactOptional(v.string()),
    isPrivate: v.boolean(),
  }),
]);

/** Undefined if `value` is not a command. */
export function parseLiveCommand(value: unknown): LiveCommand | undefined {
  const result = v.safeParse(liveCommand, value);
  return result.success ? result.output : undefined;
}
