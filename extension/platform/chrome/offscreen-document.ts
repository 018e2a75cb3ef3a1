// Chrome's offscreen document, in which the engine host runs. An extension can have one, which the background opens and closes.
const PAGE = 'extension/offscreen/index.html';

export const offscreenUrl = chrome.runtime.getURL(PAGE);

/** Resolves when the page and its scripts have loaded. Does nothing if the document is already open. */
export async function openOffscreenDocument(): Promise<void> {
  try {
    await chrome.offscreen.createDocument({
      url: PAGE,
      reasons: ['WEB_RTC'],
      justification: 'Hosts the peer-to-peer connections of the sites that the user has allowed.',
    });
  } catch (cause) {
    // An earlier run of the worker may have opened it. The browser reports that only with an error that has no code.
    if (!(await hasOffscreenDocument())) throw cause;
  }
}

export async function closeOffscreenDocument(): Promise<void> {
  if (await hasOffscreenDocument()) await chrome.offscreen.closeDocument();
}

async function hasOffscreenDocument(): Promise<boolean> {
  const contexts = await chrome.runtime.getContexts({
    contextTypes: ['OFFSCREEN_DOCUMENT'],
    documentUrls: [offscreenUrl],
  });
  return contexts.length > 0;
}
