// The few things of the DOM that the content script needs, by the browser's own methods and getters. A form, image, frame or
// object that has a name is a property of `document` in every world, and comes before what belongs there: with
// `<form name=createElement>` in the page, `document.createElement` is a form. A form as the root element does the same to its
// own members.

export function createElement<Name extends keyof HTMLElementTagNameMap>(name: Name): HTMLElementTagNameMap[Name] {
  return call(Document.prototype, 'createElement', document, name) as HTMLElementTagNameMap[Name];
}

/** Does nothing where a script has taken the root element away. */
export function appendToRoot(element: Element): void {
  const root = read('documentElement') as Element | null;
  if (root) call(Element.prototype, 'append', root, element);
}

/** Resolves when the user sees the page: one that is only prerendered is not visited yet. */
export function shown(): Promise<void> {
  if (read('prerendering') !== true) return Promise.resolve();
  return new Promise((resolve) => {
    call(EventTarget.prototype, 'addEventListener', document, 'prerenderingchange', () => resolve(), { once: true });
  });
}

/** Undefined where the browser has no such property. */
function read(name: string): unknown {
  return Object.getOwnPropertyDescriptor(Document.prototype, name)?.get?.call(document);
}

function call<Prototype>(prototype: Prototype, name: keyof Prototype, receiver: object, ...args: unknown[]): unknown {
  return Reflect.apply(prototype[name] as (...args: unknown[]) => unknown, receiver, args);
}
