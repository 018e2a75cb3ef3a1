// Renews a site's IDs after the user has cleared the site's data. A clearing shows when the mark that the content script reads
// from the site's storage differs from the mark stored beside the site's IDs.
import type { MarkReport, SiteDocument } from '../../src/protocol/control-messages';
import type { SiteLedger } from '../../src/sites/site-ledger';
import type { SiteView } from '../../src/sites/site-view';
import type { SiteLog } from '../../src/sites/site-log';

export interface MarkDependencies {
  ledger: SiteLedger;
  log: Pick<SiteLog, 'add'>;
}

export interface MarkedDocument {
  document: SiteDocument;
  /** The rules that apply to the document. */
  view: SiteView;
  /** For the content script to write into the site's storage. */
  mark?: string;
}

/**
 * Adds the site's mark to the document. `view`: the rules for the site, which is allowed. `lookedAt`: when the content script
 * read the mark, in milliseconds since the epoch.
 */
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
  // With a new mark the IDs in `view` may be out of date: this check or another document's has dropped them.
  const hasChanged = mark.value !== view.book.mark?.value;
  return { document: marked, view: hasChanged ? await ledger.view(marked) : view, ...toWrite };
}

const VALUE = /^[0-9a-f]{32}$/;

/** Parses a content script's report, which a hostile page may have forged. Anything malformed counts as unusable storage. */
export function parseMarkReport(claimed: unknown): MarkReport {
  const { status, value } = (claimed ?? {}) as { status?: unknown; value?: unknown };
  if (status === 'marked' && typeof value === 'string' && VALUE.test(value)) return { status, value };
  return { status: status === 'unmarked' ? 'unmarked' : 'unusable' };
}
