// Identifies the sender of a runtime message by the browser's own record: a web page's content script, or one of the
// extension's pages in which the user decides. The record lacks only the origins between a frame and the tab's page. The
// content script reports those origins in its message.
import { isFromPage, type Sender } from '../../src/channel/control';
import { tabOriginOf } from '../../src/sites/decisions/tab-record';
import type { Site, SiteDocument } from '../../src/protocol/control-messages';

/**
 * Describes the document whose content script sent the message. Undefined for any other sender. `ancestorOrigins` is the
 * unchecked `ancestors` of the message.
 */
export function siteDocument(sender: Sender, extensionId: string, ancestorOrigins: unknown): SiteDocument | undefined {
  const { id, tab, frameId, documentId, origin } = sender;
  if (id !== extensionId || tab?.id === undefined || frameId === undefined || documentId === undefined)
    return undefined;
  const site = siteOf(sender, documentId, ancestorOrigins);
  return site && origin !== undefined ? { site, tabId: tab.id, frameId, documentId } : undefined;
}

/** The pages in which the user decides. Not the bridge, which is a frame inside a site's document. */
const USER_PAGES = ['panel', 'settings', 'welcome'].map((name) => `/extension/${name}/index.html`);

/** Whether the sender is a page in which the user decides: the panel's popup or a page in a tab, never a frame. */
export function isUserPage(sender: Sender, extensionId: string, extensionOrigin: string): boolean {
  if (sender.frameId !== undefined && sender.frameId !== 0) return false;
  return USER_PAGES.some((path) => isFromPage(sender, extensionId, extensionOrigin + path));
}

/** How Firefox names the cookie stores of containers. The stores of tabs outside containers are named differently. */
const CONTAINER_PREFIX = 'firefox-container-';

function siteOf(sender: Sender, documentId: string, ancestorOrigins: unknown): Site | undefined {
  const { origin, tab, frameId } = sender;
  const isOpaque = origin === 'null';
  if (!isOpaque && !isWebOrigin(origin)) return undefined;
  const site: Site = {
    origin: isOpaque ? `null:${documentId}` : origin,
    isOpaque,
    isPrivate: tab?.incognito ?? false,
  };
  if (tab?.cookieStoreId?.startsWith(CONTAINER_PREFIX)) site.container = tab.cookieStoreId;
  // A sandboxed page has no origin of its own, so the origin of its address is shown instead.
  if (frameId !== 0 || isOpaque) {
    const topOrigin = tabOriginOf(tab?.url);
    const ancestors = frameId === 0 ? [] : foreignAncestors(ancestorOrigins, [site.origin, topOrigin]);
    if (ancestors.length > 0) site.ancestors = ancestors;
    if (topOrigin !== site.origin || ancestors.length > 0) site.topOrigin = topOrigin;
  }
  return site;
}

/**
 * The origins between a frame and the tab's page, without repetitions and without the two `ends`. An origin that the content
 * script omits or garbles counts as unknown (`null`), so that a nested frame never passes for one that the page itself embeds.
 */
function foreignAncestors(ancestorOrigins: unknown, ends: string[]): string[] {
  const reported = Array.isArray(ancestorOrigins) ? (ancestorOrigins as unknown[]) : [];
  // The last entry is the tab's page, which the browser's record names.
  const between = reported.length > 0 ? reported.slice(0, -1) : [undefined];
  return between
    .map((origin) => (isWebOrigin(origin) ? origin : 'null'))
    .filter((origin) => !ends.includes(origin))
    .filter((origin, index, foreign) => origin !== foreign[index - 1]);
}

function isWebOrigin(origin: unknown): origin is string {
  return typeof origin === 'string' && /^https?:\/\/[^\s/?#]+$/.test(origin);
}
