// Texts in the user's language, from _locales.
import { browser } from './browser';

/** The text under `key`, with `$1` and so on replaced. */
export function text(key: string, ...substitutions: string[]): string {
  return browser.i18n.getMessage(key, substitutions);
}

/** Tells the document which language its texts are in, and which way they run. */
export function declareLanguage(root: HTMLElement): void {
  root.lang = text('languageTag');
  root.dir = text('@@bidi_dir');
}
