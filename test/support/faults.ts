// Collects the faults of a browser: uncaught exceptions and unhandled rejections in the host, the service worker,
// content scripts and pages, warnings and errors on their consoles, and crashes. Call `Faults.watch` before the test
// acts, and `take` after each step.
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

/** Names of the extension's contexts in a fault, by type of DevTools target. */
const CONTEXT_NAMES: Record<string, string> = { background_page: 'host', service_worker: 'service worker' };

/** Errors that hostile peers may cause in a page of the test. Faults of the extension's own contexts never match. */
const EXPECTED = [
  // As in PeerJS: invalid JSON on a JSON connection makes the page's `parse` throw.
  /^page: Uncaught SyntaxError: .* JSON/,
  /^page: Uncaught SyntaxError: Unexpected/,
  // Stock PeerJS constructs any serializer that an offer names.
  /^page: .*\(\S+\/peerjs\.min\.js\)$/s,
];

export class Faults {
  readonly #context: BrowserContext;
  readonly #extensionId: string | undefined;
  #found: string[] = [];
  #session: CDPSession | undefined;

  private constructor(context: BrowserContext, extensionId: string | undefined) {
    this.#context = context;
    this.#extensionId = extensionId;
  }

  /** Starts watching. `extensionId`: also watches the contexts of this extension. */
  static async watch(context: BrowserContext, extensionId?: string): Promise<Faults> {
    const faults = new Faults(context, extensionId);
    for (const page of context.pages()) await faults.#watchPage(page);
    context.on('page', (page) => void faults.#watchPage(page));
    await faults.#watchExtension();
    return faults;
  }

  /** The faults since the last call. */
  take(): string[] {
    return this.#found.splice(0);
  }

  async #watchPage(page: Page): Promise<void> {
    page.on('crash', () => this.#record('page', `crashed: ${page.url()}`));
    // A page that has already closed gives no session.
    const session = await this.#context.newCDPSession(page).catch(() => undefined);
    if (!session) return;
    session.on('Runtime.exceptionThrown', (thrown) => this.#recordException('page', thrown as ExceptionThrown));
    session.on('Runtime.consoleAPICalled', (called) => this.#recordConsole('page', called as ConsoleCalled));
    await session.send('Runtime.enable').catch(() => undefined);
  }

  async #watchExtension(): Promise<void> {
    const browser = this.#context.browser();
    if (this.#extensionId === undefined || !browser) return;
    this.#session = await browser.newBrowserCDPSession();
    this.#session.on('Target.targetCreated', ({ targetInfo }) => void this.#watchTarget(targetInfo));
    this.#session.on('Target.targetCrashed', ({ targetId }) => this.#record('browser', `target ${targetId} crashed`));
    await this.#session.send('Target.setDiscoverTargets', { discover: true, filter: [{}] });
  }

  async #watchTarget({ targetId, type, url }: TargetInfo): Promise<void> {
    const name = CONTEXT_NAMES[type];
    if (name === undefined || !url.includes(`//${this.#extensionId}/`) || !this.#session) return;
    const target = await CdpTarget.attach(this.#session, targetId);
    target.on('Runtime.exceptionThrown', (thrown: ExceptionThrown) => this.#recordException(name, thrown));
    target.on('Runtime.consoleAPICalled', (called: ConsoleCalled) => this.#recordConsole(name, called));
    await target.send('Runtime.enable');
  }

  #recordException(where: string, { exceptionDetails: { text, exception, url } }: ExceptionThrown): void {
    this.#record(where, `${text} ${exception?.description ?? ''} (${url ?? 'no script'})`);
  }

  #recordConsole(where: string, { type, args }: ConsoleCalled): void {
    if (type !== 'error' && type !== 'assert' && type !== 'warning') return;
    this.#record(
      where,
      `console.${type}: ${args.map(({ value, description }) => description ?? JSON.stringify(value)).join(' ')}`,
    );
  }

  #record(where: string, what: string): void {
    const fault = `${where}: ${what}`;
    if (!EXPECTED.some((pattern) => pattern.test(fault))) this.#found.push(fault);
  }
}
