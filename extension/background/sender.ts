// Who sent a runtime message, from the browser's own record: a web page's content script, the engine host, a prompt, or a
// page that the user decides in. Only the origins between a frame and the tab's page are not in it.
import { isFromPage, type Sender } from '../../src/channel/control';
import { tabOriginOf } from '../../src/sites/decisions/tab-record';
import type { Site, SiteDocument } from '../../src/protocol/control-messages';

/**
 * Describes the document whose content script sent the message; undefined if the sender is anything else. `ancestorOrigins` is
 * the list of that name in the message, which nobody has checked yet.
 */
export function siteDocument(sender: Sender, extensionId: string, ancestorOrigins: unknown): SiteDocument | undefined {
  const { id, tab, frameId, documentId, origin } = sender;
  if (id !== extensionId || tab?.id === undefined || frameId === undefined || documentId === undefined)
    return undefined;
  const site = siteOf(sender, documentId, ancestorOrigins);
  return site && origin !== undefined ? { site, tabId: tab.id, frameId, documentId } : undefined;
}

/** Pages that the user decides in. The bridge is none: it is a frame inside a site's document. */
const USER_PAGES = ['panel', 'settings', 'welcome'].map((name) => `/extension/${name}/index.html`);

/** Whether it is a page that the user decides in: the panel, which has no tab, or one in a tab of its own, never a frame. */
export function isUserPage(sender: Sender, extensionId: string, extensionOrigin: string): boolean {
  if (sender.frameId !== undefined && sender.frameId !== 0) return false;
  return USER_PAGES.some((path) => isFromPage(sender, extensionId, extensionOrigin + path));
}

/** Of the cookie stores of containers, in Firefox; tabs outside of them have other ones. */
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
  // A sandboxed page has no origin of its own to show, so the address it came from stands in.
  if (frameId !== 0 || isOpaque) {
    const topOrigin = tabOriginOf(tab?.url);
    const ancestors = frameId === 0 ? [] : foreignAncestors(ancestorOrigins, [site.origin, topOrigin]);
    if (ancestors.length > 0) site.ancestors = ancestors;
    if (topOrigin !== site.origin || ancestors.length > 0) site.topOrigin = topOrigin;
  }
  return site;
}

/**
 * The origins between a frame and the tab's page, without repetitions and the two `ends`. What the content script does not
 * say, or says wrongly, is an origin that nobody knows: so a frame never passes for one that the page itself embeds.
 */
function foreignAncestors(ancestorOrigins: unknown, ends: string[]): string[] {
  const reported = Array.isArray(ancestorOrigins) ? (ancestorOrigins as unknown[]) : [];
  // The last is the tab's page, which the browser has named already.
  const between = reported.length > 0 ? reported.slice(0, -1) : [undefined];
  return between
    .map((origin) => (isWebOrigin(origin) ? origin : 'null'))
    .filter((origin) => !ends.includes(origin))
    .filter((origin, index, foreign) => origin !== foreign[index - 1]);
}

function isWebOrigin(origin: unknown): origin is string {
  return typeof origin === 'string' && /^https?:\/\/[^\s/?#]+$/.test(origin);
}
