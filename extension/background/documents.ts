// Messages from the background to the content scripts of documents.
import type { SiteLedger } from '../../src/sites/site-ledger';
import type { DocumentMessage } from '../../src/protocol/control-messages';

/** Whether the user has clicked or typed in the document. False if the document is gone. */
export async function hasUserActed(
  tabId: number,
  documentId: string,
  askDocument: (tabId: number, documentId: string, message: DocumentMessage) => Promise<unknown>,
): Promise<boolean> {
  return (await askDocument(tabId, documentId, { to: 'document', type: 'hasUserActed' })) === true;
}

/** Announces a decision to every recorded tab, so that documents that may not ask the user yet repeat their request. */
export async function announceDecision(
  ledger: Pick<SiteLedger, 'tabs'>,
  postToDocuments: (tabId: number, message: DocumentMessage) => Promise<void>,
): Promise<void> {
  const message: DocumentMessage = { to: 'document', type: 'decided' };
  await Promise.all((await ledger.tabs.tabsWithRecord()).map((tabId) => postToDocuments(tabId, message)));
}
