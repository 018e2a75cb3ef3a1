// Texts in the user's language, from `_locales`.
import type messages from '../public/_locales/en/messages.json';
import { browser } from './browser';

/** The keys of all texts. The English file defines them; every other language must have the same keys. */
export type TextKey = keyof typeof messages;

/** The text for `key`, with its placeholders replaced by `substitutions`. */
export function text(key: TextKey, ...substitutions: string[]): string {
  return browser.i18n.getMessage(key, substitutions);
}

/**
 * Call it in the background before opening a page that shows texts. Chrome loads the texts for a whole process at its first
 * call. If that call comes from a page that is being closed, all later calls return empty texts (seen in Chromium 156, for one
 * in fifteen prompts that followed a prompt whose tab was closed at once).
 */
export function loadTexts(): void {
  text('languageTag');
}

/**
 * Sets the document's language and direction to those of its texts. Not from `@@bidi_dir`: that is the direction of the
 * browser's language, even if the texts fall back to English.
 */
export function declareLanguage(root: HTMLElement): void {
  root.lang = text('languageTag');
  root.dir = text('languageDirection');
}
