// The pages of one profile, used by one test after the other: to open a page, and to close it, takes a browser longer than most
// tests do. Each test gets a document of its own.
import type { DrivenPage, PageOpener } from './driven-page';

export class PagePool {
  /** They show nothing, so nothing that looks for a site's tab finds them. */
  readonly #idle: DrivenPage[] = [];
  /** Those that keep from one document to the next what a test has done to them. */
  readonly #changed = new WeakSet<DrivenPage>();

  constructor(private readonly opener: PageOpener) {}

  /** A page that shows nothing yet. */
  async take(): Promise<DrivenPage> {
    const idle = this.#idle.pop();
    if (!idle) return this.#watched(await this.opener.newPage());
    // As a new page would be: one behind another draws no frames.
    await idle.bringToFront();
    return idle;
  }

  /** Ends the page's document, and everything in it. The test may have closed the page itself. */
  async giveBack(page: DrivenPage): Promise<void> {
    if (page.isClosed()) return;
    if (this.#changed.has(page)) return page.close();
    await page.goto('about:blank');
    this.#idle.push(page);
  }

  #watched(page: DrivenPage): DrivenPage {
    const [on, addInitScript] = [page.on.bind(page), page.addInitScript.bind(page)];
    return Object.assign(page, {
      on: (...listening: Parameters<DrivenPage['on']>) => {
        this.#changed.add(page);
        return on(...listening);
      },
      addInitScript: (text: string) => {
        this.#changed.add(page);
        return addInitScript(text);
      },
    });
  }
}
