// What the background asks and tells the content scripts of documents.
import type { SiteLedger } from '../../src/sites/site-ledger';
import type { DocumentMessage } from '../../src/protocol/control-messages';

/** False also where the document does not answer: it is gone. */
export async function hasUserActed(
  tabId: number,
  documentId: string,
  askDocument: (tabId: number, documentId: string, message: DocumentMessage) => Promise<unknown>,
): Promise<boolean> {
  return (await askDocument(tabId, documentId, { to: 'document', type: 'hasUserActed' })) === true;
}

/** Something was decided: documents that may not have the user asked yet look again, wherever they are. */
export async function tellDecided(
  ledger: Pick<SiteLedger, 'tabsWithRecord'>,
  tellDocuments: (tabId: number, message: DocumentMessage) => Promise<void>,
): Promise<void> {
  const message: DocumentMessage = { to: 'document', type: 'decided' };
  await Promise.all((await ledger.tabsWithRecord()).map((tabId) => tellDocuments(tabId, message)));
}
