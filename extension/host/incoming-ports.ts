// Admits the runtime ports that other contexts open to the engine host: those of documents by their ticket, that of the panel by
// its sender.
import { fromPage, type Sender } from '../../src/channel/control';
import { runtimePortEndpoint, type RuntimePort } from '../../src/channel/endpoint';
import type { EngineHost } from '../../src/engine/engine-host';
import { DOCUMENT_PORT } from '../../src/protocol/control-messages';
import { LIVE_PORT } from '../../src/protocol/live-messages';

/** The part of WebExtensions' runtime.Port that we use. */
export interface IncomingPort extends RuntimePort {
  readonly name: string;
  readonly sender?: Sender | undefined;
  onMessage: {
    addListener(listener: (message: unknown) => void): void;
    removeListener(listener: (message: unknown) => void): void;
  };
}

export class IncomingPorts {
  readonly #host: Pick<EngineHost, 'bind' | 'watch'>;
  readonly #panel: ReturnType<typeof fromPage>;

  constructor(host: Pick<EngineHost, 'bind' | 'watch'>, extensionId: string, panelUrl: string) {
    this.#host = host;
    this.#panel = fromPage('the panel', extensionId, panelUrl);
  }

  /** Leaves ports of other names to other contexts. */
  admit(port: IncomingPort): void {
    if (port.name === DOCUMENT_PORT) this.#admitDocument(port);
    else if (port.name === LIVE_PORT) this.#admitPanel(port);
  }

  #admitDocument(port: IncomingPort): void {
    const showTicket = (ticket: unknown): void => {
      port.onMessage.removeListener(showTicket);
      const onGone = this.#host.bind(ticket, port.sender?.documentId, runtimePortEndpoint(port));
      if (onGone) port.onDisconnect.addListener(onGone);
    };
    port.onMessage.addListener(showTicket);
  }

  /** The panel sees every site's connections and may end them. Rejects content scripts, which a page may control. */
  #admitPanel(port: IncomingPort): void {
    if (!port.sender || !this.#panel.recognize(port.sender, undefined)) {
      port.disconnect();
      return;
    }
    port.onDisconnect.addListener(this.#host.watch(runtimePortEndpoint(port)));
  }
}
