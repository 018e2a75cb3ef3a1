// Lets pages use our objects through a Proxy of them, as Vue's `reactive()` makes it. PeerJS's objects work there, because
// they keep their state in properties, but a private member (`#…`) throws TypeError on a Proxy. Each class that pages see
// must call `rememberSelf` in its constructor, and `acceptProxies` once.
import { safe } from './built-ins';

const SELF = Symbol('self');

/** Call it in the constructor. */
export function rememberSelf(object: object): void {
  // Frozen, because frameworks wrap the values of properties in Proxies, too, unless they are frozen.
  safe.defineProperty(object, SELF, { value: safe.freeze({ self: object }) });
}

/** Wraps the methods and getters of a class, so that a page can also call them on a Proxy of the object. */
export function acceptProxies({ prototype }: { prototype: object }): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as { value?: Method; get?: Method };
    if (name === 'constructor') continue;
    if (descriptor.value) descriptor.value = onSelf(descriptor.value);
    else descriptor.get &&= onSelf(descriptor.get);
    safe.defineProperty(prototype, name, descriptor);
  }
}

type Method = (...args: unknown[]) => unknown;

function onSelf(method: Method): Method {
  return safe.defineProperty(
    function (this: { [SELF]?: { self: object } } | undefined): unknown {
      // eslint-disable-next-line prefer-rest-params -- spreading rest parameters calls an iterator that the page may have replaced
      return safe.apply(method, this?.[SELF]?.self ?? this, arguments);
    },
    'name',
    { value: method.name },
  );
}
