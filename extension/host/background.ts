// The background, as the engine host reaches it. Asks the background to admit Peers, and reports to it. A report never rejects:
// each method says why a lost one does no harm.
import { request, type SendMessage } from '../../src/channel/control';
import type { Logger } from '../../src/diagnostics/diagnostic-log';
import type {
  AdmitReply,
  BackgroundRequest,
  Identity,
  SiteDocument,
  TabConnections,
} from '../../src/protocol/control-messages';
import type { PeerStart } from '../../src/protocol/page-messages';

/** The requests that tell the background something and need no reply. */
type Report = Exclude<BackgroundRequest['type'], 'admit' | 'attach' | `prompt.${string}` | `ui.${string}`>;

const to = 'background';

export class Background {
  readonly #send: SendMessage;
  readonly #log: Logger<'host'>;

  /** `send` rejects if the background does not answer. */
  constructor(send: SendMessage, log: Logger<'host'>) {
    this.#send = send;
    this.#log = log;
  }

  admit(document: SiteDocument, start: PeerStart): Promise<AdmitReply> {
    return request(this.#send, { to, type: 'admit', document, start });
  }

  /**
   * Repeats a lost report once, because the background may have stopped in between. A lease that the background does not
   * record ends with the page.
   */
  leased(document: SiteDocument, identity: Identity, named: boolean): void {
    const report = (): Promise<true> => request(this.#send, { to, type: 'identity.leased', document, identity, named });
    report().catch(report).catch(this.#notReported('identity.leased'));
  }

  /** Does not repeat a lost report: the host reports again while it stays idle. */
  reportIdle(): void {
    request(this.#send, { to, type: 'host.idle' }).catch(this.#notReported('host.idle'));
  }

  /** Does not repeat a lost report: the background only displays the numbers, and the next change brings new ones. */
  reportConnections(tabs: TabConnections[]): void {
    request(this.#send, { to, type: 'host.connections', tabs }).catch(this.#notReported('host.connections'));
  }

  /** Does not repeat a lost report: parked connections end by their timeout in any case. */
  reportParked(document: SiteDocument): void {
    request(this.#send, { to, type: 'host.parked', document }).catch(this.#notReported('host.parked'));
  }

  #notReported(request: Report): (error: unknown) => void {
    return (error) => this.#log.warn('not-reported', { request, error });
  }
}
