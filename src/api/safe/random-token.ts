// PeerJS's `util.randomToken` (lib/utils/randomToken.ts).
import { safe } from './built-ins';

/** 10 to 12 characters of base 36. Good for names, not for secrets. */
export function randomToken(): string {
  return safe.random().toString(36).slice(2);
}
