// Who sent a runtime message, from the browser's own record: a web page's content script, the engine host, a prompt, or a
// page that the user decides in.
import { isFromPage, type Sender } from '../../src/channel/control';
import { tabOriginOf } from '../../src/origin/tab-record';
import type { Site, SiteDocument } from '../../src/protocol/control-messages';

/** The document whose content script sent the message; undefined if the sender is anything else. */
export function siteDocument(sender: Sender, extensionId: string): SiteDocument | undefined {
  const { id, tab, frameId, documentId, origin } = sender;
  if (id !== extensionId || tab?.id === undefined || frameId === undefined || documentId === undefined)
    return undefined;
  const site = siteOf(sender, documentId);
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

function siteOf({ origin, tab, frameId }: Sender, documentId: string): Site | undefined {
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
    if (topOrigin !== site.origin) site.topOrigin = topOrigin;
  }
  return site;
}

function isWebOrigin(origin: string | undefined): origin is string {
  return origin !== undefined && /^https?:\/\//.test(origin);
}
