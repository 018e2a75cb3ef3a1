// The two kinds of port that join a page to the host, behind one shape. A MessagePort clones and transfers and never
// tells that its other end is gone; a runtime port clones only, and does tell.

export interface Endpoint {
  /**
   * False if the message did not go: the other end is gone, or the message is none that this kind of port carries (too large,
   * nested too deep, not to be cloned). Never throws, and hands nothing over in that case.
   */
  post(message: unknown, transfer?: Transferable[]): boolean;
  /** Called for each message from now on; messages that came earlier are kept until then. */
  listen(listener: (message: unknown) => void): void;
  close(): void;
}

/** The part of WebExtensions' runtime.Port that we use. */
export interface RuntimePort {
  postMessage(message: unknown): void;
  disconnect(): void;
  onMessage: { addListener(listener: (message: unknown) => void): void };
  onDisconnect: { addListener(listener: () => void): void };
}

export function messagePortEndpoint(port: MessagePort): Endpoint {
  return {
    post: (message, transfer = []) => posted(() => port.postMessage(message, transfer)),
    listen: (listener) => {
      port.onmessage = (event: MessageEvent) => {
        listener(event.data);
      };
    },
    close: () => {
      port.close();
    },
  };
}

/** Chrome's ports carry 64 MiB at a time. */
export function runtimePortEndpoint(port: RuntimePort): Endpoint {
  return {
    // Where it is disconnected while the message is on its way out, onDisconnect tells.
    post: (message) => posted(() => port.postMessage(message)),
    listen: (listener) => {
      port.onMessage.addListener(listener);
    },
    close: () => {
      port.disconnect();
    },
  };
}

function posted(post: () => void): boolean {
  try {
    post();
    return true;
  } catch {
    return false;
  }
}

export interface JoinListeners {
  /** `a` has said this, and it has gone to `b`. */
  onPassed?: (message: unknown) => void;
  /** `a` has said this, and it is none that goes to `b`. */
  onRefused?: (message: unknown) => void;
  /** `b` says this, and it goes to `a`. */
  onAnswer?: (message: unknown) => void;
}

/** Passes every message of each endpoint on to the other. */
export function join(a: Endpoint, b: Endpoint, { onPassed, onRefused, onAnswer }: JoinListeners = {}): void {
  a.listen((message) => {
    if (b.post(message)) onPassed?.(message);
    else onRefused?.(message);
  });
  b.listen((message) => {
    onAnswer?.(message);
    a.post(message);
  });
}
