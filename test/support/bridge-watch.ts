// The bridge frame, as far as a page notices it: an element beside head and body, for the length of one hand-over, or until
// the content script gives up on it.
import type { JSHandle } from '@playwright/test';
import type { DrivenPage } from './driven-page';

/** A frame that was there for longer has handed nothing over: the content script waits ten seconds for it. */
export const MOST_FOR_A_HAND_OVER_MS = 9_500;

interface BridgeWatch {
  lifetime: Promise<number>;
}

/** To be called before the page's first Peer. */
export function watchBridge(page: DrivenPage): Promise<JSHandle<BridgeWatch>> {
  return page.evaluateHandle(() => {
    let addedAt = 0;
    const lifetime = new Promise<number>((resolve) => {
      const observer = new MutationObserver((changes) => {
        for (const { addedNodes, removedNodes } of changes) {
          if (addedNodes.length > 0) addedAt = performance.now();
          if (removedNodes.length > 0) resolve(performance.now() - addedAt);
        }
      });
      observer.observe(document.documentElement, { childList: true });
    });
    return { lifetime };
  });
}

/** For how many milliseconds the frame was there, once it is gone. */
export function bridgeLifetime(watch: JSHandle<BridgeWatch>): Promise<number> {
  return watch.evaluate(({ lifetime }) => lifetime);
}
