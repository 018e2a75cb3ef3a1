// DOM operations for the content script, by the prototypes' own methods and getters. Named elements shadow properties of
// `document` in every world: with `<form name=createElement>` in the page, `document.createElement` is that form. Likewise,
// a form's controls shadow the form's own members, and a form can be the root element.

export function createElement<Name extends keyof HTMLElementTagNameMap>(name: Name): HTMLElementTagNameMap[Name] {
  return call(Document.prototype, 'createElement', document, name) as HTMLElementTagNameMap[Name];
}

/** Does nothing if a script has removed the root element. */
export function appendToRoot(element: Element): void {
  const root = read('documentElement') as Element | null;
  if (root) call(Element.prototype, 'append', root, element);
}

/** Resolves when the page is shown. A prerendered page may never be visited. */
export function shown(): Promise<void> {
  if (read('prerendering') !== true) return Promise.resolve();
  return new Promise((resolve) => {
    call(EventTarget.prototype, 'addEventListener', document, 'prerenderingchange', () => resolve(), { once: true });
  });
}

/** Reads a property of the document. Undefined if the browser lacks the property. */
function read(name: string): unknown {
  return Object.getOwnPropertyDescriptor(Document.prototype, name)?.get?.call(document);
}

function call<Prototype>(prototype: Prototype, name: keyof Prototype, receiver: object, ...args: unknown[]): unknown {
  return Reflect.apply(prototype[name] as (...args: unknown[]) => unknown, receiver, args);
}
