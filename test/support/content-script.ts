// Speaks from where a content script of the extension runs: what a page could do at most that has taken over its process.
import type { CDPSession, Page } from '@playwright/test';

export class ContentScriptWorld {
  readonly #session: CDPSession;
  readonly #contextId: number;

  private constructor(session: CDPSession, contextId: number) {
    this.#session = session;
    this.#contextId = contextId;
  }

  /** The isolated world of the page's main frame. */
  static async of(page: Page, extensionId: string): Promise<ContentScriptWorld> {
    const session = await page.context().newCDPSession(page);
    const found = new Promise<number>((resolve) => {
      session.on('Runtime.executionContextCreated', ({ context: { id, origin } }) => {
        if (origin === `chrome-extension://${extensionId}`) resolve(id);
      });
    });
    await session.send('Runtime.enable');
    return new ContentScriptWorld(session, await found);
  }

  /** Evaluates an expression there; a promise is awaited, the value comes back as JSON. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.#session.send('Runtime.evaluate', {
      expression,
      contextId: this.#contextId,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as Value;
  }
}
