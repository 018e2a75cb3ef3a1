// What the facades of native WebRTC objects have in common: an EventTarget with `on…` properties.

type Handler = ((this: EventTarget, event: Event) => unknown) | null;

/** Gives a facade's class an `on<type>` property for each type. */
export function defineHandlers(target: { prototype: EventTarget }, types: readonly string[]): void {
  for (const type of types) {
    const handlers = new WeakMap<EventTarget, { handler: Handler; listener: (event: Event) => void }>();
    Object.defineProperty(target.prototype, `on${type}`, {
      configurable: true,
      enumerable: true,
      get(this: EventTarget): Handler {
        return handlers.get(this)?.handler ?? null;
      },
      set(this: EventTarget, value: unknown) {
        const handler = typeof value === 'function' ? (value as NonNullable<Handler>) : null;
        const current = handlers.get(this);
        if (current) {
          current.handler = handler;
          return;
        }
        // The listener stays where it was first set, as the browser's own handlers do.
        const entry = {
          handler,
          listener: (event: Event): void => {
            entry.handler?.call(this, event);
          },
        };
        handlers.set(this, entry);
        this.addEventListener(type, entry.listener);
      },
    });
  }
}
