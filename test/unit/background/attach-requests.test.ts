import { describe, expect, it, vi } from 'vitest';
import { attachRequests } from '../../../extension/background/attach-requests';
import { PendingAttachments } from '../../../extension/background/pending-attachments';
import type { MarkReport } from '../../../src/protocol/control-messages';
import { peerStart } from '../../support/fakes/page-messages';
import { siteDocument } from '../../support/fakes/site-documents';

const document = siteDocument();
const unmarked: MarkReport = { status: 'unmarked' };

function makeRequests() {
  const admission = { attach: vi.fn(async () => ({ status: 'not-yet' }) as const) };
  const { attach } = attachRequests({ attachments: new PendingAttachments(), admission });
  const ask = (start: unknown, mark: MarkReport, hasUserActed: unknown) =>
    attach({ to: 'background', type: 'attach', start, mark, ancestors: [], hasUserActed }, document);
  return { admission, ask };
}

describe('request to attach a document', () => {
  it('passes on the browser’s record of the document, and what the content script reports', async () => {
    const { admission, ask } = makeRequests();
    expect(await ask(peerStart(), unmarked, true)).toEqual({ status: 'not-yet' });
    expect(admission.attach.mock.calls).toEqual([[document, peerStart(), unmarked, true]]);
  });

  it('is denied with the reason if the page’s first Peer is invalid', async () => {
    const { admission, ask } = makeRequests();
    const denial = { status: 'denied', message: expect.stringContaining('new Peer()') as string };
    expect(await ask({ type: 'peer.start' }, unmarked, true)).toEqual(denial);
    expect(admission.attach).not.toHaveBeenCalled();
  });

  it('counts as made without the user’s action if the report is no boolean', async () => {
    const { admission, ask } = makeRequests();
    await ask(peerStart(), unmarked, 'true');
    expect(admission.attach.mock.calls).toEqual([[document, peerStart(), unmarked, false]]);
  });
});
