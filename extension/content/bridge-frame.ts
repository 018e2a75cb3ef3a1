// The hidden extension frame through which a port leaves the page. In a closed shadow root, so that the page's scripts
// and styles do not meet it, and only for as long as a hand-over takes.
import type { BridgeDelivery } from '../../src/protocol/control-messages';
import { runtime } from '../platform/runtime';
import { appendToRoot, createElement } from './page-dom';

const PATH = 'extension/bridge/index.html';

/** False where the frame is known to fail: it cannot be loaded, or may not reach the extension's worker. */
export function canBridge(): boolean {
  return window.origin !== 'null' && !window.crossOriginIsolated;
}

export class BridgeFrame {
  readonly #host = createElement('div');
  readonly #frame = createElement('iframe');

  /** `onLoad` also comes where the page's policy blocked the frame: what is delivered then goes nowhere. Else it may never come. */
  constructor(onLoad: () => void) {
    this.#frame.addEventListener('load', onLoad, { once: true });
    this.#host.style.display = 'none';
    this.#host.attachShadow({ mode: 'closed' }).append(this.#frame);
    this.#frame.src = runtime.getURL(PATH);
    appendToRoot(this.#host);
  }

  deliver(delivery: BridgeDelivery, port: MessagePort): void {
    // The frame's URL may be one that changes with each session; its origin is the extension's own.
    const { origin } = new URL(runtime.getURL(''));
    this.#frame.contentWindow?.postMessage(delivery, origin, [port]);
  }

  remove(): void {
    this.#host.remove();
  }
}
