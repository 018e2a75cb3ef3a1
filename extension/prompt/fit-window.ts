// Gives the window the height of its content: names may be long, and letters large.
import { resizeOwnWindow } from '../platform/windows';

/** Grows or shrinks the window to `content`, and moves it up where it would leave the screen. */
export async function fitWindow(content: HTMLElement): Promise<void> {
  const missing = Math.ceil(content.getBoundingClientRect().height) - window.innerHeight;
  const growth = Math.min(missing, screen.availHeight - window.outerHeight);
  const below = window.screenY + window.outerHeight + growth - (screenTop() + screen.availHeight);
  await resizeOwnWindow({ height: window.outerHeight + growth, top: window.screenY - Math.max(below, 0) });
}

/** `availTop` is not in the standard, but in every browser: the screens of a desk lie side by side or above another. */
function screenTop(): number {
  return (screen as Screen & { availTop?: number }).availTop ?? 0;
}
