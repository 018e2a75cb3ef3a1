// The hidden extension frame that delivers a port from the page to the engine host. Sits in a closed shadow root, out of reach
// of the page's scripts and styles. The caller must `remove` it after the hand-over.
import type { BridgeDelivery } from '../../src/protocol/control-messages';
import { runtime } from '../platform/runtime';
import { appendToRoot, createElement } from './page-dom';

const PATH = 'extension/bridge/index.html';

/** False in documents where the frame cannot be loaded, or cannot reach the extension's worker. */
export function canBridge(): boolean {
  return window.origin !== 'null' && !window.crossOriginIsolated;
}

export class BridgeFrame {
  readonly #host = createElement('div');
  readonly #frame = createElement('iframe');

  /**
   * `onLoad` is called when the frame has loaded, and also if the page's policy blocked it: a delivery is then lost. In other
   * failures it may never be called.
   */
  constructor(onLoad: () => void) {
    this.#frame.addEventListener('load', onLoad, { once: true });
    this.#host.style.display = 'none';
    this.#host.attachShadow({ mode: 'closed' }).append(this.#frame);
    this.#frame.src = runtime.getURL(PATH);
    appendToRoot(this.#host);
  }

  deliver(delivery: BridgeDelivery, port: MessagePort): void {
    // The frame's URL may change with each session (`use_dynamic_url`), but its origin is the extension's.
    const { origin } = new URL(runtime.getURL(''));
    this.#frame.contentWindow?.postMessage(delivery, origin, [port]);
  }

  remove(): void {
    this.#host.remove();
  }
}
