// Keeps Firefox's event page alive. Firefox suspends it half a minute after the last extension event or API call. WebRTC
// connections and messages over a MessagePort do not count. The caller must turn it off when nothing needs the page.
import { browser } from '../browser';

/** Well below Firefox's half minute. */
export const CALL_INTERVAL_MS = 20_000;

export class KeepAlive {
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Keeps the page alive from now on, or lets Firefox suspend it. */
  set(isKept: boolean): void {
    clearInterval(this.#timer);
    this.#timer = isKept ? setInterval(touch, CALL_INTERVAL_MS) : undefined;
    if (isKept) touch();
  }
}

/** Any API call counts. This one has no other effect. */
function touch(): void {
  void browser.runtime.getPlatformInfo();
}
