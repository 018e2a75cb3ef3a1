// Texts in the user's language, from _locales.
import type messages from '../public/_locales/en/messages.json';
import { browser } from './browser';

/** What there is to say; English is the contract that every other language fulfils. */
export type TextKey = keyof typeof messages;

/** The text under `key`, with `$1` and so on replaced. */
export function text(key: TextKey, ...substitutions: string[]): string {
  return browser.i18n.getMessage(key, substitutions);
}

/**
 * To be called in the background before it opens a page that shows texts. Chrome gives the texts to a whole process with
 * its first call, and if that comes from a page that is just being closed, all later calls give empty texts (seen with
 * Chromium 156, once in fifteen prompts that followed one whose tab was closed at once).
 */
export function loadTexts(): void {
  text('languageTag');
}

/**
 * Tells the document which language its texts are in, and which way they run. Not `@@bidi_dir`, which is the direction of
 * the browser's own language, also where the texts are English because that one is missing.
 */
export function declareLanguage(root: HTMLElement): void {
  root.lang = text('languageTag');
  root.dir = text('languageDirection');
}
