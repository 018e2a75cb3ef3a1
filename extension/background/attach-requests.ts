// Answers content scripts and the self-test, which ask to attach their documents. The document comes from the browser's own
// record; all else comes from the page's renderer, which a hostile page may control, and is parsed here.
import type { AttachReply } from '../../src/protocol/control-messages';
import { parsePeerStart, problemOf } from '../../src/protocol/page-messages';
import type { AdmissionControl } from './admission';
import type { BackgroundHandlers } from './allowed-senders';
import { notAPage, notAPeer } from './denials';
import type { PendingAttachments } from './pending-attachments';
import { parseMarkReport } from './site-marks';

export interface AttachDependencies {
  attachments: PendingAttachments;
  admission: Pick<AdmissionControl, 'attach'>;
}

export function attachRequests({ attachments, admission }: AttachDependencies): Pick<BackgroundHandlers, 'attach'> {
  return {
    // Not async: an async function would retain the whole message, however large, for as long as the prompt is open.
    attach: ({ start: claimed, mark, hasUserActed }, document) => {
      const start = parsePeerStart(claimed);
      if (!start) return Promise.resolve(denial(notAPeer(problemOf(claimed).message)));
      const report = parseMarkReport(mark);
      const hasActed = hasUserActed === true;
      return attachments.run(document.documentId, () => admission.attach(document, start, report, hasActed));
    },
  };
}

/** Unlike an error, this reply reaches the page's developer. */
export function refusedAttachment(): AttachReply {
  return denial(notAPage());
}

function denial(message: string): AttachReply {
  return { status: 'denied', message };
}
