// The welcome page: opened once, after installation. It is the only page of the extension whose document may have Peers.
import { isFromPage, type Sender } from '../../src/channel/control';
import type { Store } from '../../src/sites/records/store';
import type { SiteDocument } from '../../src/protocol/control-messages';

/** The record that the page has been opened. */
const KEY = 'welcomed';

export interface WelcomeDependencies {
  local: Store;
  welcomeUrl: string;
  openTab: (url: string) => Promise<void>;
}

/**
 * Opens the welcome page after installation, not after an update of the extension or the browser. Opens it once: a browser that
 * exits right after the installation may not have saved its list of extensions, and then installs the extension again.
 */
export async function welcome({ local, welcomeUrl, openTab }: WelcomeDependencies, reason: string): Promise<void> {
  if (reason !== 'install' || (await local.get([KEY]))[KEY] === true) return;
  await local.set({ [KEY]: true });
  await openTab(welcomeUrl);
}

/** The document of the self-test if it sent the message, else undefined. `self-test-site.ts` defines its permissions. */
export function selfTestDocument(sender: Sender, extensionId: string, welcomeUrl: string): SiteDocument | undefined {
  const { tab, frameId, documentId, origin } = sender;
  // A content script's messages carry the address and origin of its page, so no web page can pass for the welcome page.
  if (!isFromPage(sender, extensionId, welcomeUrl) || origin === undefined) return undefined;
  if (!welcomeUrl.startsWith(`${origin}/`)) return undefined;
  if (tab?.id === undefined || frameId !== 0 || documentId === undefined) return undefined;
  return { site: { origin, isOpaque: false, isPrivate: tab.incognito }, tabId: tab.id, frameId, documentId };
}
