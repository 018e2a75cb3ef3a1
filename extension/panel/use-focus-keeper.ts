// Keeps the focus nearby when the focused element disappears, as the button of a connection that ends does.
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** Moves the focus from a removed `part` to its nearest ancestor with `data-focus-place`, which needs a `tabindex` of -1. */
export function useFocusKeeper(part: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = part.current;
    const place = element?.closest<HTMLElement>('[data-focus-place]');
    return () => {
      if (element?.contains(document.activeElement)) place?.focus();
    };
  }, [part]);
}
