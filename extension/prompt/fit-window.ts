// Gives the window the height of its content, which grows with long names and large fonts.
import { resizeOwnWindow } from '../platform/windows';

/** Resizes the window to the height of `content`, and moves it up if it would extend below the screen. */
export async function fitWindow(content: HTMLElement): Promise<void> {
  const missing = Math.ceil(content.getBoundingClientRect().height) - window.innerHeight;
  const growth = Math.min(missing, screen.availHeight - window.outerHeight);
  const below = window.screenY + window.outerHeight + growth - (screenTop() + screen.availHeight);
  await resizeOwnWindow({ height: window.outerHeight + growth, top: window.screenY - Math.max(below, 0) });
}

/** The screen's top edge, which is not 0 if screens are stacked. `availTop` is non-standard, but all browsers have it. */
function screenTop(): number {
  return (screen as Screen & { availTop?: number }).availTop ?? 0;
}
