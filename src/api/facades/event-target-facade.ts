// Adds `on…` properties to the facades of native WebRTC objects.

type Handler = ((this: EventTarget, event: Event) => unknown) | null;

/** Defines an `on<type>` property for each type on a facade's class. */
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
        // The listener keeps its first position among the listeners, like the browser's own handlers.
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
