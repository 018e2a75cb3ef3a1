// Renews a site's IDs where the user has cleared the site's own data: compares the mark that a document's content script has
// found in the site's storage with the one beside the site's IDs.
import type { MarkReport, SiteDocument } from '../../src/protocol/control-messages';
import type { SiteLedger, SiteView } from '../../src/sites/site-ledger';
import type { SiteLog } from '../../src/sites/site-log';

export interface MarkDependencies {
  ledger: SiteLedger;
  log: Pick<SiteLog, 'add'>;
}

export interface MarkedDocument {
  document: SiteDocument;
  /** What holds for it. */
  view: SiteView;
  /** To be written into its site's storage. */
  mark?: string;
}

/** `view`: of the site, which is allowed. `lookedAt`: when the document looked into its storage, milliseconds since the epoch. */
export async function markDocument(
  { ledger, log }: MarkDependencies,
  document: SiteDocument,
  view: SiteView,
  report: MarkReport,
  lookedAt: number,
): Promise<MarkedDocument> {
  const shown = report.status === 'marked' ? report.value : undefined;
  if (report.status === 'unusable') return { document: { ...document, mark: null }, view: { ...view, keepsId: false } };
  if (!view.keepsId) return { document: shown === undefined ? document : { ...document, mark: shown }, view };
  const { site } = document;
  const { mark, isCleared } = await ledger.checkMark(site, view.book, { value: shown, lookedAt });
  const marked = { ...document, mark: mark.value };
  const toWrite = shown === undefined ? { mark: mark.value } : {};
  if (isCleared) await log.add(site, 'renewed');
  // Another document may have found the same meanwhile, so that `view` has IDs which are forgotten by now.
  const isNews = mark.value !== view.book.mark?.value;
  return { document: marked, view: isNews ? await ledger.view(marked) : view, ...toWrite };
}

const VALUE = /^[0-9a-f]{32}$/;

/** What a content script has sent, which a page may have taken over; what is no report at all is as if nothing could be stored. */
export function parseMarkReport(claimed: unknown): MarkReport {
  const { status, value } = (claimed ?? {}) as { status?: unknown; value?: unknown };
  if (status === 'marked' && typeof value === 'string' && VALUE.test(value)) return { status, value };
  return { status: status === 'unmarked' ? 'unmarked' : 'unusable' };
}
