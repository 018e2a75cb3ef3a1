// A DevTools session with a target that Playwright does not expose, such as the extension's offscreen document.

/** @typedef {import('playwright').CDPSession} CDPSession */

export class CdpTarget {
  /** @type {CDPSession} */
  #browser;
  #sessionId;
  #lastId = 0;
  /** @type {Map<number, (answer: { result?: any, error?: { message: string } }) => void>} */
  #pending = new Map();

  /**
   * @param {CDPSession} browser
   * @param {string} sessionId
   */
  constructor(browser, sessionId) {
    this.#browser = browser;
    this.#sessionId = sessionId;
    browser.on('Target.receivedMessageFromTarget', ({ sessionId: from, message }) => {
      if (from !== this.#sessionId) return;
      const answer = JSON.parse(message);
      this.#pending.get(answer.id)?.(answer);
      this.#pending.delete(answer.id);
    });
  }

  /**
   * @param {CDPSession} browser
   * @param {string} targetId
   */
  static async attach(browser, targetId) {
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: false });
    return new CdpTarget(browser, sessionId);
  }

  /**
   * @param {string} method
   * @param {object} [params]
   * @returns {Promise<any>}
   */
  async send(method, params = {}) {
    const id = ++this.#lastId;
    const answered = new Promise((resolve) => this.#pending.set(id, resolve));
    const message = JSON.stringify({ id, method, params });
    await this.#browser.send('Target.sendMessageToTarget', { sessionId: this.#sessionId, message });
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async detach() {
    await this.#browser.send('Target.detachFromTarget', { sessionId: this.#sessionId });
  }
}
