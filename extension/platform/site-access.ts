// The access to web pages and servers that the manifest asks for. The user may withhold some of it, or take it away later:
// then no script of ours runs in those pages.
import { browser } from './browser';

/** Read when it is needed: tests have no manifest. */
function wanted(): { origins: string[] } {
  return { origins: browser.runtime.getManifest().host_permissions ?? [] };
}

/** Whether everything is granted. */
export function hasSiteAccess(): Promise<boolean> {
  return browser.permissions.contains(wanted());
}

/** Asks the user; false if they refuse. To be called in the turn of the user's click, or the browser refuses by itself. */
export function requestSiteAccess(): Promise<boolean> {
  return browser.permissions.request(wanted());
}

/** Something was granted or taken away. Returns what ends the listening. */
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
