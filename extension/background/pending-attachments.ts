// Runs at most one attachment per document, however often its content script asks. A request waits as long as its prompt is
// open, and each waiting request costs memory.
import type { AttachReply } from '../../src/protocol/control-messages';
import { askedAgain } from './denials';

/** The request that gets the answer. */
interface Asker {
  resolve: (reply: AttachReply) => void;
  reject: (error: unknown) => void;
}

export class PendingAttachments {
  readonly #askers = new Map<string, Asker>();

  /**
   * Attaches the document, or waits for the attachment that is already under way. A content script asks again only if it has
   * lost its earlier request. So the last request gets the answer, and the one before is denied at once.
   */
  run(documentId: string, attach: () => Promise<AttachReply>): Promise<AttachReply> {
    const former = this.#askers.get(documentId);
    former?.resolve({ status: 'denied', message: askedAgain() });
    const answer = new Promise<AttachReply>((resolve, reject) => {
      this.#askers.set(documentId, { resolve, reject });
    });
    if (!former) void this.#settle(documentId, attach);
    return answer;
  }

  async #settle(documentId: string, attach: () => Promise<AttachReply>): Promise<void> {
    try {
      const reply = await attach();
      this.#take(documentId).resolve(reply);
    } catch (error) {
      this.#take(documentId).reject(error);
    }
  }

  #take(documentId: string): Asker {
    const asker = this.#askers.get(documentId)!;
    this.#askers.delete(documentId);
    return asker;
  }
}
