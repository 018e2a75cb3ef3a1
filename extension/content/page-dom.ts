// The few things of the DOM that the content script needs, by the browser's own methods and getters. A form, image, frame or
// object that has a name is a property of `document` in every world, and comes before what belongs there: with
// `<form name=createElement>` in the page, `document.createElement` is a form. A form as the root element does the same to its
// own members.

export function createElement<Name extends keyof HTMLElementTagNameMap>(name: Name): HTMLElementTagNameMap[Name] {
  return Document.prototype.createElement.call(document, name) as HTMLElementTagNameMap[Name];
}

/** Does nothing where a script has taken the root element away. */
export function appendToRoot(element: Element): void {
  const root = read<Element | null>('documentElement');
  if (root) Element.prototype.append.call(root, element);
}

/** Resolves when the user sees the page: one that is only prerendered is not visited yet. */
export function shown(): Promise<void> {
  if (read<boolean | undefined>('prerendering') !== true) return Promise.resolve();
  return new Promise((resolve) => {
    const { addEventListener } = EventTarget.prototype;
    addEventListener.call(document, 'prerenderingchange', () => resolve(), { once: true });
  });
}

/** Undefined where the browser has no such property. */
function read<Value>(name: string): Value {
  return Object.getOwnPropertyDescriptor(Document.prototype, name)?.get?.call(document) as Value;
}
