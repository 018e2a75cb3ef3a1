// A pool of documents of one kind, for tests that need no new document each: opening one, and attaching it to the extension, takes
// longer than most tests. The kit ends what a test has made in its document, and tells whether another test may use it.
import type { DrivenPage } from './driven-page';
import type { PagePool } from './page-pool';

/** Tests hold objects of the document by handles, so that they are not garbage. A new document releases them all. */
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
