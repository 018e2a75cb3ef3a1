// Keeps Firefox's event page. Firefox suspends it half a minute after the last event or call of an extension API, whatever
// connections live in it: neither WebRTC nor messages over a MessagePort count.
import { browser } from '../browser';

/** Well within the half minute. */
export const CALL_INTERVAL_MS = 20_000;

export class KeepAlive {
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Keeps the page from now on, or lets Firefox suspend it. */
  set(isKept: boolean): void {
    clearInterval(this.#timer);
    this.#timer = isKept ? setInterval(touch, CALL_INTERVAL_MS) : undefined;
    if (isKept) touch();
  }
}

/** Any call counts; this one does nothing else. */
function touch(): void {
  void browser.runtime.getPlatformInfo();
}
