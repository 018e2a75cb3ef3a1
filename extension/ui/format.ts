// Moments as the user's language writes them.
import { text } from '../platform/i18n';

/** Milliseconds since the epoch. */
export function formatDay(at: number): string {
  return new Intl.DateTimeFormat(text('languageTag'), { dateStyle: 'medium' }).format(at);
}

export function formatMoment(at: number): string {
  return new Intl.DateTimeFormat(text('languageTag'), { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}
