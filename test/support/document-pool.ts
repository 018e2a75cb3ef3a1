// A pool of documents with one URL, for tests that can use a document after another test. Opening a document and attaching it to the
// extension takes longer than most tests. The kit ends what a test has made, and decides whether another test may use the document.
import type { DrivenPage } from './driven-page';
import type { PagePool } from './page-pool';

/** The handles of a test keep objects of the document from being collected. A new document releases them all. */
const MAX_USES = 20;

export class DocumentPool {
  /** Pages that show a free document. */
  readonly #idle: DrivenPage[] = [];
  readonly #uses = new WeakMap<DrivenPage, number>();

  constructor(
    private readonly pages: PagePool,
    private readonly url: string,
  ) {}

  async take(): Promise<DrivenPage> {
    const idle = this.#idle.pop();
    // To the front like a new page, because a background page draws no frames.
    await idle?.bringToFront();
    return idle ?? this.#open();
  }

  /** Ends what the test has made. `isReusable`: false after a failure, which may have left anything. */
  async giveBack(page: DrivenPage, isReusable: boolean): Promise<void> {
    const uses = (this.#uses.get(page) ?? 0) + 1;
    this.#uses.set(page, uses);
    const isFree =
      isReusable &&
      uses < MAX_USES &&
      !page.isClosed() &&
      !this.pages.isChanged(page) &&
      page.url() === this.url &&
      (await page.evaluate(() => kit.endTest()));
    if (isFree) this.#idle.push(page);
    else await this.pages.giveBack(page);
  }

  async #open(): Promise<DrivenPage> {
    const page = await this.pages.take();
    this.#uses.delete(page);
    await page.goto(this.url);
    return page;
  }
}
