// What a spec may do to a page, whichever browser shows it. Playwright's own pages are such pages; Firefox's are made so in
// firefox-page.ts. Playwright's handles stay the handles of both, so that its types find the way through `evaluate`.
import type { Page } from '@playwright/test';

/** A message on a page's console. */
export interface ConsoleLine {
  type(): string;
  text(): string;
}

/** What the specs use of a page that both browsers show. */
export interface DrivenPage extends Pick<
  Page,
  'evaluate' | 'evaluateHandle' | 'waitForFunction' | 'addScriptTag' | 'bringToFront' | 'url' | 'isClosed' | 'close'
> {
  /** Has every document from now on begin with this script. */
  addInitScript(text: string): Promise<unknown>;
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  on(event: 'console', listener: (line: ConsoleLine) => void): unknown;
  on(event: 'pageerror', listener: (error: Error) => void): unknown;
}

/** A profile that opens such pages. */
export interface PageOpener {
  newPage(): Promise<DrivenPage>;
}
