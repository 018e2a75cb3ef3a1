// One attachment a document at a time, however often its content script asks: a question waits for as long as its prompt, and
// each would wait with all that it holds.
import type { AttachReply } from '../../src/protocol/control-messages';
import { askedAgain } from './denials';

/** Who gets the answer. */
interface Asker {
  resolve: (reply: AttachReply) => void;
  reject: (error: unknown) => void;
}

export class PendingAttachments {
  readonly #askers = new Map<string, Asker>();

  /**
   * Attaches the document, or waits for the attachment that is under way already. A content script asks again only where it has
   * lost its question, so the last one gets the answer, and the one before is refused at once.
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
