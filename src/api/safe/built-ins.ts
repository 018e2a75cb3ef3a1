// Built-ins, captured before the page's scripts could patch them. Frameworks do patch them: zone.js wraps promises, ports
// and timers, and old libraries give arrays a `toJSON`. Such patches must not change how a Peer talks to the host. The
// main-world script must import this file first.

/** `method.call(target, …)` without looking up anything that the page can replace. */
function uncurry<Target, Arguments extends unknown[], Result>(
  method: (this: Target, ...args: Arguments) => Result,
): (target: Target, ...args: Arguments) => Result {
  return Function.prototype.call.bind(method) as never;
}

const thenOf: (promise: unknown, onFulfilled: unknown, onRejected: unknown) => unknown = uncurry(
  Promise.prototype.then as (this: unknown, ...args: unknown[]) => unknown,
);

function then<T>(promise: Promise<T>, onFulfilled: (value: T) => void, onRejected: (reason: unknown) => void): void {
  thenOf(promise, onFulfilled, onRejected);
}

export const safe = {
  MessageChannel,
  Event,
  MessageEvent,
  Promise,
  TextEncoder,
  RTCPeerConnection: globalThis.RTCPeerConnection as typeof RTCPeerConnection | undefined,
  setTimeout: setTimeout.bind(globalThis),
  queueMicrotask: queueMicrotask.bind(globalThis),
  dispatchOnWindow: window.dispatchEvent.bind(window),
  stringify: JSON.stringify.bind(JSON),
  parse: JSON.parse.bind(JSON) as (text: string) => unknown,
  then,
  random: Math.random,
  defineProperty: Object.defineProperty,
  freeze: Object.freeze,
  apply: Reflect.apply,
  mapGet: uncurry(Map.prototype.get) as <K, V>(map: Map<K, V>, key: K) => V | undefined,
  mapSet: uncurry(Map.prototype.set) as <K, V>(map: Map<K, V>, key: K, value: V) => unknown,
  mapDelete: uncurry(Map.prototype.delete) as (map: Map<unknown, unknown>, key: unknown) => boolean,
  forEachInMap: uncurry(Map.prototype.forEach) as <K, V>(map: Map<K, V>, visit: (value: V, key: K) => void) => void,
  dispatch: uncurry(EventTarget.prototype.dispatchEvent),
  encode: uncurry(TextEncoder.prototype.encode),
  encodeInto: uncurry(TextEncoder.prototype.encodeInto),
  decode: uncurry(TextDecoder.prototype.decode) as (decoder: TextDecoder, bytes: Uint8Array) => string,
  addEventListener: uncurry(EventTarget.prototype.addEventListener) as (
    target: EventTarget,
    type: string,
    listener: (event: never) => void,
  ) => void,
  stopImmediatePropagation: uncurry(Event.prototype.stopImmediatePropagation),
  postMessage: uncurry(MessagePort.prototype.postMessage) as (
    port: MessagePort,
    message: unknown,
    transfer: Transferable[],
  ) => void,
  startPort: uncurry(MessagePort.prototype.start),
  closePort: uncurry(MessagePort.prototype.close),
  sliceBlob: uncurry(Blob.prototype.slice),
  readBlob: uncurry(Blob.prototype.arrayBuffer),
};

/** `array.push(item)`. */
export function append<Item>(array: Item[], item: Item): void {
  array[array.length] = item;
}

/** `array.forEach(visit)` on a copy, because listeners may change the array during the visit. */
export function visitAll<Item>(array: readonly Item[], visit: (item: Item) => void): void {
  const copy: Item[] = [];
  for (let index = 0; index < array.length; index++) copy[index] = array[index]!;
  for (let index = 0; index < copy.length; index++) visit(copy[index]!);
}
