// Runs code in the content script's world: the most that a page can do that has taken over its renderer process.
import type { CDPSession, Page } from '@playwright/test';

export class ContentScriptWorld {
  readonly #session: CDPSession;
  readonly #contextId: number;

  private constructor(session: CDPSession, contextId: number) {
    this.#session = session;
    this.#contextId = contextId;
  }

  /** Finds the content script's isolated world in the page's main frame. */
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

  /** Evaluates an expression in this world. Awaits a promise; the value has to be JSON. */
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
