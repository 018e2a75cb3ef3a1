// The access to web pages and servers that the manifest requests. The user may withhold or withdraw some of it: Peerport's
// scripts then do not run in those pages.
import { browser } from './browser';

/** Read only when needed, because tests have no manifest. */
function wanted(): { origins: string[] } {
  return { origins: browser.runtime.getManifest().host_permissions ?? [] };
}

/** Whether everything is granted. */
export function hasSiteAccess(): Promise<boolean> {
  return browser.permissions.contains(wanted());
}

/** Asks the user. False if they refuse. Call it synchronously in a click handler, or the browser refuses without asking. */
export function requestSiteAccess(): Promise<boolean> {
  return browser.permissions.request(wanted());
}

/** Calls `listener` when any access is granted or withdrawn. Returns a function that stops listening. */
export function onSiteAccessChanged(listener: () => void): () => void {
  const { onAdded, onRemoved } = browser.permissions;
  const handler = (): void => listener();
  onAdded.addListener(handler);
  onRemoved.addListener(handler);
  return () => {
    onAdded.removeListener(handler);
    onRemoved.removeListener(handler);
  };
}
