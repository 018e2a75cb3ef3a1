// A pool of one browser's pages. Opening and closing a page takes longer than most tests, so tests reuse pages one after the other,
// each with a new document. A test that is done has to call `giveBack`.
import type { DrivenPage, PageOpener } from './driven-page';

export class PagePool {
  /** Free pages. They show about:blank, so that no test takes them for a site's tab. */
  readonly #idle: DrivenPage[] = [];
  /** Pages whose listeners or init scripts would affect the next test. They are closed instead of reused. */
  readonly #changed = new WeakSet<DrivenPage>();

  constructor(private readonly opener: PageOpener) {}

  /** Takes a blank page. */
  async take(): Promise<DrivenPage> {
    const idle = this.#idle.pop();
    if (!idle) return this.#watched(await this.opener.newPage());
    // To the front like a new page, because a background page draws no frames.
    await idle.bringToFront();
    return idle;
  }

  /** Ends the page's document and frees the page. The test may already have closed it. */
  async giveBack(page: DrivenPage): Promise<void> {
    if (page.isClosed()) return;
    if (this.#changed.has(page)) return page.close();
    await page.goto('about:blank');
    this.#idle.push(page);
  }

  /** True if the page's listeners or init scripts would affect the next test. */
  isChanged(page: DrivenPage): boolean {
    return this.#changed.has(page);
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
