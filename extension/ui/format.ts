// Formats dates and times in the user's language.
import { text } from '../platform/i18n';

/** `at`: milliseconds since the epoch. */
export function formatDay(at: number): string {
  return new Intl.DateTimeFormat(text('languageTag'), { dateStyle: 'medium' }).format(at);
}

export function formatMoment(at: number): string {
  return new Intl.DateTimeFormat(text('languageTag'), { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}
