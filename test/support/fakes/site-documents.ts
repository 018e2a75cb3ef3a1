// Documents of sites, as the browser reports them.
import type { SiteDocument } from '../../../src/protocol/control-messages';

export const ORIGIN = 'https://chat.example';

export interface DocumentOptions {
  origin?: string;
  topOrigin?: string;
  ancestors?: string[];
  isOpaque?: boolean;
  isPrivate?: boolean;
  container?: string;
  tabId?: number;
  documentId?: string;
}

let documents = 0;

/** A document with a new ID, by default in a top frame. */
export function siteDocument(options: DocumentOptions = {}): SiteDocument {
  const { origin = ORIGIN, topOrigin, ancestors, container, isOpaque = false, isPrivate = false, tabId = 1 } = options;
  const documentId = options.documentId ?? `document-${++documents}`;
  const site = {
    origin,
    isOpaque,
    isPrivate,
    ...(ancestors !== undefined && { ancestors }),
    ...(topOrigin !== undefined && { topOrigin }),
    ...(container !== undefined && { container }),
  };
  return { site, tabId, frameId: topOrigin === undefined ? 0 : 7, documentId };
}
