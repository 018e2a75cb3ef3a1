// Everything that goes wrong in a browser without anybody asking: uncaught exceptions and unhandled rejections in the host,
// the service worker, content scripts and pages, what the product writes to a console, and contexts that end.
import type { BrowserContext, CDPSession, Page } from '@playwright/test';
import { CdpTarget } from './cdp-target';

interface ExceptionThrown {
  exceptionDetails: { text: string; url?: string; exception?: { description?: string } };
}

interface ConsoleCalled {
  type: string;
  args: { value?: unknown; description?: string }[];
}

interface TargetInfo {
  targetId: string;
  type: string;
  url: string;
}

/** Of the targets that make up an extension. */
const KINDS: Record<string, string> = { background_page: 'host', service_worker: 'service worker' };

/** What a page of the test, and no part of the extension, has to expect of hostile peers. */
const EXPECTED = [
  // As in PeerJS: a remote peer that sends no JSON on a JSON connection has the page's `parse` throw.
  /^page: Uncaught SyntaxError: .* JSON/,
  /^page: Uncaught SyntaxError: Unexpected/,
  // In a page with stock PeerJS, which constructs whatever serializer an offer names.
  /^page: .*\(\S+\/peerjs\.min\.js\)$/s,
];

export class Faults {
  readonly #context: BrowserContext;
  readonly #extensionId: string | undefined;
  #found: string[] = [];
  /** Ends of the host, and of the browser's pages, are faults only while somebody needs them. */
  #session: CDPSession | undefined;

  private constructor(context: BrowserContext, extensionId: string | undefined) {
    this.#context = context;
    this.#extensionId = extensionId;
  }

  /** `extensionId`: where there is an extension, whose contexts are watched from now on. */
  static async watch(context: BrowserContext, extensionId?: string): Promise<Faults> {
    const faults = new Faults(context, extensionId);
    for (const page of context.pages()) await faults.#watchPage(page);
    context.on('page', (page) => void faults.#watchPage(page));
    await faults.#watchExtension();
    return faults;
  }

  /** Those since the last time. */
  take(): string[] {
    return this.#found.splice(0);
  }

  async #watchPage(page: Page): Promise<void> {
    page.on('crash', () => this.#note('page', `crashed: ${page.url()}`));
    // A page that is closed at once has no session any more.
    const session = await this.#context.newCDPSession(page).catch(() => undefined);
    if (!session) return;
    session.on('Runtime.exceptionThrown', (thrown) => this.#noteException('page', thrown as ExceptionThrown));
    session.on('Runtime.consoleAPICalled', (called) => this.#noteConsole('page', called as ConsoleCalled));
    await session.send('Runtime.enable').catch(() => undefined);
  }

  async #watchExtension(): Promise<void> {
    const browser = this.#context.browser();
    if (this.#extensionId === undefined || !browser) return;
    this.#session = await browser.newBrowserCDPSession();
    this.#session.on('Target.targetCreated', ({ targetInfo }) => void this.#watchTarget(targetInfo));
    this.#session.on('Target.targetCrashed', ({ targetId }) => this.#note('browser', `target ${targetId} crashed`));
    await this.#session.send('Target.setDiscoverTargets', { discover: true, filter: [{}] });
  }

  async #watchTarget({ targetId, type, url }: TargetInfo): Promise<void> {
    const name = KINDS[type];
    if (name === undefined || !url.includes(`//${this.#extensionId}/`) || !this.#session) return;
    const target = await CdpTarget.attach(this.#session, targetId);
    target.on('Runtime.exceptionThrown', (thrown: ExceptionThrown) => this.#noteException(name, thrown));
    target.on('Runtime.consoleAPICalled', (called: ConsoleCalled) => this.#noteConsole(name, called));
    await target.send('Runtime.enable');
  }

  #noteException(where: string, { exceptionDetails: { text, exception, url } }: ExceptionThrown): void {
    this.#note(where, `${text} ${exception?.description ?? ''} (${url ?? 'no script'})`);
  }

  #noteConsole(where: string, { type, args }: ConsoleCalled): void {
    if (type !== 'error' && type !== 'assert' && type !== 'warning') return;
    this.#note(
      where,
      `console.${type}: ${args.map(({ value, description }) => description ?? JSON.stringify(value)).join(' ')}`,
    );
  }

  #note(where: string, what: string): void {
    const fault = `${where}: ${what}`;
    if (!EXPECTED.some((pattern) => pattern.test(fault))) this.#found.push(fault);
  }
}
