// Firefox pages behind Playwright's page interface. They are driven by WebDriver BiDi through puppeteer-core, because Playwright
// drives only its own build of Firefox. Scripts differ: Playwright passes one argument with handles anywhere inside it; puppeteer
// passes any number of arguments, each of which is a handle or contains none.
import type { JSHandle } from '@playwright/test';
import type { JSHandle as NativeHandle, Page as NativePage } from 'puppeteer-core';
import type { ConsoleLine, DrivenPage } from './driven-page';

/** The member by which an argument refers to a handle, by its index among the handles. */
const HANDLE_KEY = '#handle';

/** Wraps a Firefox page, so that specs can drive it like one of Chromium. */
export function drivenPage(page: NativePage): DrivenPage {
  return new FirefoxPage(page) as unknown as DrivenPage;
}

/** Wraps a Firefox handle, so that specs can use it like Playwright's. */
function drivenHandle(handle: NativeHandle): JSHandle {
  return new FirefoxHandle(handle) as unknown as JSHandle;
}

class FirefoxPage implements Record<keyof DrivenPage, unknown> {
  readonly #page: NativePage;

  constructor(page: NativePage) {
    this.#page = page;
    // The test's own time limit ends a hang.
    page.setDefaultTimeout(0);
  }

  evaluate(script: unknown, argument?: unknown): Promise<unknown> {
    return this.#page.evaluate(...scriptCall([], script, argument));
  }

  async evaluateHandle(script: unknown, argument?: unknown): Promise<JSHandle> {
    return drivenHandle(await this.#page.evaluateHandle(...scriptCall([], script, argument)));
  }

  async waitForFunction(script: unknown, argument?: unknown, options: { timeout?: number } = {}): Promise<JSHandle> {
    const [call, ...values] = scriptCall([], script, argument);
    // Polls by timer, because a page in the background draws no frames.
    return drivenHandle(await this.#page.waitForFunction(call, { polling: 50, ...options }, ...values));
  }

  async addScriptTag(options: { content?: string; url?: string }): Promise<JSHandle> {
    return drivenHandle(await this.#page.addScriptTag(options));
  }

  addInitScript(text: string): Promise<unknown> {
    return this.#page.evaluateOnNewDocument(text);
  }

  async goto(url: string): Promise<unknown> {
    const arrival = this.#page.waitForNavigation();
    const [response] = await Promise.all([arrival, this.#page.goto(url).catch(rethrowUnlessOfFormerDocument)]);
    return response;
  }

  reload(): Promise<unknown> {
    return this.#page.reload();
  }

  url(): string {
    return this.#page.url();
  }

  bringToFront(): Promise<void> {
    return this.#page.bringToFront();
  }

  on(...[event, listener]: Listening): this {
    if (event === 'console') this.#page.on('console', listener);
    else this.#page.on('pageerror', (error) => listener(withBareMessage(error)));
    return this;
  }

  isClosed(): boolean {
    return this.#page.isClosed();
  }

  async close(): Promise<void> {
    if (!this.isClosed()) await this.#page.close();
  }
}

/**
 * Rethrows an error of a navigation, but not the one by which Firefox takes the end of a load in the former document, such as a
 * frame's, for the end of the navigation. The new document still arrives.
 */
function rethrowUnlessOfFormerDocument(error: unknown): void {
  if (!String(error).includes('NS_BINDING_ABORTED')) throw error;
}

type Listening =
  [event: 'console', listener: (line: ConsoleLine) => void] | [event: 'pageerror', listener: (error: Error) => void];

/** Firefox reports an error as text that begins with the error's name; this removes the name. */
function withBareMessage(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error);
  return new Error(text.replace(/^\w*Error: /, ''));
}

class FirefoxHandle implements Record<Exclude<keyof JSHandle, symbol>, unknown> {
  constructor(readonly native: NativeHandle) {}

  evaluate(script: unknown, argument?: unknown): Promise<unknown> {
    return this.native.evaluate(...handleCall(script, argument));
  }

  async evaluateHandle(script: unknown, argument?: unknown): Promise<JSHandle> {
    return drivenHandle(await this.native.evaluateHandle(...handleCall(script, argument)));
  }

  jsonValue(): Promise<unknown> {
    return this.native.jsonValue();
  }

  async getProperty(name: string): Promise<JSHandle> {
    return drivenHandle(await this.native.getProperty(name));
  }

  async getProperties(): Promise<Map<string, JSHandle>> {
    const properties = await this.native.getProperties();
    return new Map([...properties].map(([name, handle]) => [name, drivenHandle(handle)]));
  }

  asElement(): null {
    return null;
  }

  dispose(): Promise<void> {
    return this.native.dispose();
  }
}

type Call = [script: (...values: unknown[]) => unknown, ...values: unknown[]];

function handleCall(script: unknown, argument: unknown): Call {
  // Puppeteer passes the handle as the first argument.
  return scriptCall(['subject'], script, argument);
}

/**
 * The arguments for a call of puppeteer's. `script` then gets the `parameters`, followed by `argument` with its handles in their
 * places.
 */
function scriptCall(parameters: string[], script: unknown, argument: unknown): Call {
  const handles: NativeHandle[] = [];
  const shape = withoutHandles(argument, handles);
  const text =
    typeof script === 'string'
      ? `() => (${script})`
      : `(${[...parameters, 'shape', '...handles'].join(', ')}) => {
          const filled = (value) => {
            if (Array.isArray(value)) return value.map(filled);
            if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
            if ('${HANDLE_KEY}' in value) return handles[value['${HANDLE_KEY}']];
            return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member)]));
          };
          return (${String(script)})(${[...parameters, 'filled(shape)'].join(', ')});
        }`;
  // Puppeteer sends only the text of a function.
  const call = Object.assign(() => undefined, { toString: () => text });
  return [call, shape, ...handles];
}

/** Copies `value`, moves its handles to `handles` and leaves their indexes in their places. */
function withoutHandles(value: unknown, handles: NativeHandle[]): unknown {
  if (value instanceof FirefoxHandle) return { [HANDLE_KEY]: handles.push(value.native) - 1 };
  if (Array.isArray(value)) return value.map((item) => withoutHandles(item, handles));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutHandles(member, handles)]));
}
