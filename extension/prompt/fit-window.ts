// Gives the window the height of its content: names may be long, and letters large.

/** Grows or shrinks the window to `content`, and moves it up where it would leave the screen. */
export function fitWindow(content: HTMLElement): void {
  const missing = Math.ceil(content.getBoundingClientRect().height) - window.innerHeight;
  const room = screen.availHeight - window.outerHeight;
  window.resizeBy(0, Math.min(missing, room));
  const below = window.screenY + window.outerHeight + missing - (screenTop() + screen.availHeight);
  if (below > 0) window.moveBy(0, -below);
}

/** `availTop` is not in the standard, but in every browser: the screens of a desk lie side by side or above another. */
function screenTop(): number {
  return (screen as Screen & { availTop?: number }).availTop ?? 0;
}
