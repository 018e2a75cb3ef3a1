// One interface for the two kinds of port between a page and the host. A MessagePort clones and transfers, but never
// reports that its other end is gone. A runtime port only clones, but reports the loss of its other end.

export interface Endpoint {
  /**
   * Returns false, and transfers nothing, if the message was not sent: the other end is gone, or the port cannot carry the
   * message (too large, nested too deep, not cloneable). Never throws.
   */
  post(message: unknown, transfer?: Transferable[]): boolean;
  /** Sets the listener for all messages. Messages that come before the first call are queued. */
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

/** Chrome's runtime ports carry messages of up to 64 MiB. */
export function runtimePortEndpoint(port: RuntimePort): Endpoint {
  return {
    // If the port disconnects while the message is on its way, only onDisconnect reports it.
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
  /** Called after a message from `a` was passed on to `b`. */
  onPassed?: (message: unknown) => void;
  /** Called for a message from `a` that `b` cannot carry. */
  onRefused?: (message: unknown) => void;
  /** Called for a message from `b`, before it is passed on to `a`. */
  onAnswer?: (message: unknown) => void;
}

/** Passes messages between the two endpoints, both ways. */
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
