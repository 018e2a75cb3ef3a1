// Measures how long the bridge frame is in a page. The page sees it as an element beside head and body that is removed after the
// hand-over, or when the content script gives up.
import type { JSHandle } from '@playwright/test';
import type { DrivenPage } from './driven-page';

/** A frame that stays longer has failed: the content script gives up after ten seconds. */
export const MAX_HAND_OVER_MS = 9_500;

interface BridgeWatch {
  lifetime: Promise<number>;
}

/** Starts watching. Call this before the page's first Peer. */
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

/** Resolves with the frame's lifetime in milliseconds, once it is removed. */
export function bridgeLifetime(watch: JSHandle<BridgeWatch>): Promise<number> {
  return watch.evaluate(({ lifetime }) => lifetime);
}
