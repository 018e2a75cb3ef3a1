// The welcome page: opened once, after installation, and the one page of the extension whose document may have Peers.
import { isFromPage, type Sender } from '../../src/channel/control';
import type { Store } from '../../src/sites/records/store';
import type { SiteDocument } from '../../src/protocol/control-messages';

/** Of the record that the page was opened. */
const KEY = 'welcomed';

export interface WelcomeDependencies {
  local: Store;
  welcomeUrl: string;
  openTab: (url: string) => Promise<void>;
}

/**
 * Not after an update of the extension or the browser: nobody asked for a tab then. And not again where a browser that was
 * ended at once has not yet written down what is installed, and installs it anew.
 */
export async function welcome({ local, welcomeUrl, openTab }: WelcomeDependencies, reason: string): Promise<void> {
  if (reason !== 'install' || (await local.get([KEY]))[KEY] === true) return;
  await local.set({ [KEY]: true });
  await openTab(welcomeUrl);
}

/** The document of the self-test, if that is who sent the message. `src/sites/decisions/self-test-site.ts` says what it may. */
export function selfTestDocument(sender: Sender, extensionId: string, welcomeUrl: string): SiteDocument | undefined {
  const { tab, frameId, documentId, origin } = sender;
  // A content script has the page's address and origin, so neither can be had from outside.
  if (!isFromPage(sender, extensionId, welcomeUrl) || origin === undefined) return undefined;
  if (!welcomeUrl.startsWith(`${origin}/`)) return undefined;
  if (tab?.id === undefined || frameId !== 0 || documentId === undefined) return undefined;
  return { site: { origin, isOpaque: false, isPrivate: tab.incognito }, tabId: tab.id, frameId, documentId };
}
