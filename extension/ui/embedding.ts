import type { SiteName } from '../../src/protocol/ui-messages';
import { text, type TextKey } from '../platform/i18n';

/**
 * Describes the frames and the page around the site, from the inside out. Empty if the site is not embedded. `page`: the key of
 * the text for the page.
 */
export function embedding({ ancestors = [], topOrigin }: SiteName, page: TextKey): string {
  if (topOrigin === undefined) return '';
  const frames = ancestors.map((origin) => (origin === 'null' ? text('uiUnknownFrame') : text('uiFrame', origin)));
  return [...frames, topOrigin === 'null' ? text('uiUnknownPage') : text(page, topOrigin)].join(', ');
}
