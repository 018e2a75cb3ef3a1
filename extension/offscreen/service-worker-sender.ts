// Recognizes the messages of Chrome's service worker. Content scripts can send runtime messages too, and have no tab if a page of
// another extension embeds their page. Only the service worker belongs to this extension and has no document.
import type { SenderKind } from '../../src/channel/control';

/** `extensionUrl`: the address that all the extension's own addresses start with. */
export function serviceWorkerSender(extensionId: string, extensionUrl: string): SenderKind<true> {
  return {
    name: 'the background',
    recognize: ({ id, url, tab, documentId }) => {
      const isOurs = id === extensionId && url?.startsWith(extensionUrl) === true;
      return (isOurs && tab === undefined && documentId === undefined) || undefined;
    },
  };
}
