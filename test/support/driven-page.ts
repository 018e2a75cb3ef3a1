// The page interface that specs use in both browsers. Playwright's pages implement it; firefox-page.ts implements it for Firefox.
// Handles have Playwright's type in both, because its types describe `evaluate`.
import type { Page } from '@playwright/test';

/** A message on a page's console. */
export interface ConsoleLine {
  type(): string;
  text(): string;
}

/** The part of Playwright's page that both browsers support. */
export interface DrivenPage extends Pick<
  Page,
  'evaluate' | 'evaluateHandle' | 'waitForFunction' | 'addScriptTag' | 'bringToFront' | 'url' | 'isClosed' | 'close'
> {
  /** Runs this script at the start of every later document of the page. */
  addInitScript(text: string): Promise<unknown>;
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  on(event: 'console', listener: (line: ConsoleLine) => void): unknown;
  on(event: 'pageerror', listener: (error: Error) => void): unknown;
}

/** A browser profile that opens pages. */
export interface PageOpener {
  newPage(): Promise<DrivenPage>;
}
