// Keeps the focus near where it was when what had it goes away: a connection that ends takes its button with it.
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** The nearest element around `part` that is marked as a place for the focus; it needs a `tabindex` of -1. */
export function useFocusKeeper(part: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = part.current;
    const place = element?.closest<HTMLElement>('[data-focus-place]');
    return () => {
      if (element?.contains(document.activeElement)) place?.focus();
    };
  }, [part]);
}
