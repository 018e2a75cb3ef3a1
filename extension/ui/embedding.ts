import type { SiteName } from '../../src/protocol/ui-messages';
import { text, type TextKey } from '../platform/i18n';

/**
 * What the site is embedded in, in words, from the inside out; empty where it is not embedded. `page`: the text that names
 * the page around it.
 */
export function embedding({ ancestors = [], topOrigin }: SiteName, page: TextKey): string {
  if (topOrigin === undefined) return '';
  const frames = ancestors.map((origin) => (origin === 'null' ? text('uiUnknownFrame') : text('uiFrame', origin)));
  return [...frames, topOrigin === 'null' ? text('uiUnknownPage') : text(page, topOrigin)].join(', ');
}
