// A DevTools session with a target that Playwright does not expose, such as the extension's offscreen document. Call
// `detach` when the session is no longer needed.
import type { CDPSession } from '@playwright/test';

interface Answer {
  id?: number;
  result?: unknown;
  error?: { message: string };
  method?: string;
  params?: unknown;
}

export class CdpTarget {
  readonly #browser: CDPSession;
  readonly #sessionId: string;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  readonly #listeners = new Map<string, ((params: never) => void)[]>();
  #lastId = 0;

  private constructor(browser: CDPSession, sessionId: string) {
    this.#browser = browser;
    this.#sessionId = sessionId;
    browser.on('Target.receivedMessageFromTarget', this.#receive);
    browser.on('Target.detachedFromTarget', this.#handleDetachment);
  }

  /** `browser`: a DevTools session with the browser itself. */
  static async attach(browser: CDPSession, targetId: string): Promise<CdpTarget> {
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: false });
    return new CdpTarget(browser, sessionId);
  }

  /** Rejects if the target does not know the method or has closed. */
  async send<Result>(method: string, params: object = {}): Promise<Result> {
    const id = ++this.#lastId;
    const answered = new Promise<Answer>((resolve) => this.#pending.set(id, resolve));
    const message = JSON.stringify({ id, method, params });
    await this.#browser.send('Target.sendMessageToTarget', { sessionId: this.#sessionId, message });
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as Result;
  }

  on(method: string, listener: (params: never) => void): void {
    this.#listeners.set(method, [...(this.#listeners.get(method) ?? []), listener]);
  }

  async detach(): Promise<void> {
    await this.#browser.send('Target.detachFromTarget', { sessionId: this.#sessionId });
  }

  readonly #receive = ({ sessionId, message }: { sessionId: string; message: string }): void => {
    if (sessionId !== this.#sessionId) return;
    const answer = JSON.parse(message) as Answer;
    if (answer.id !== undefined) {
      this.#pending.get(answer.id)?.(answer);
      this.#pending.delete(answer.id);
    } else if (answer.method !== undefined) {
      for (const listener of this.#listeners.get(answer.method) ?? []) listener(answer.params as never);
    }
  };

  readonly #handleDetachment = ({ sessionId }: { sessionId: string }): void => {
    if (sessionId !== this.#sessionId) return;
    this.#browser.off('Target.receivedMessageFromTarget', this.#receive);
    this.#browser.off('Target.detachedFromTarget', this.#handleDetachment);
    for (const [, resolve] of this.#pending) resolve({ error: { message: 'the target has closed' } });
    this.#pending.clear();
  };
}
