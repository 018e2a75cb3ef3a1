// The two kinds of port that join a page to the host, behind one shape. A MessagePort clones and transfers and never
// tells that its other end is gone; a runtime port clones only, and does tell.

export interface Endpoint {
  /** False if the message did not go: the other end is gone, or the message is too large for this kind of port. */
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
    post: (message, transfer = []) => {
      port.postMessage(message, transfer);
      return true;
    },
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
    post: (message) => {
      try {
        port.postMessage(message);
        return true;
      } catch {
        // Too large, or disconnected while this message was on its way out, of which onDisconnect tells.
        return false;
      }
    },
    listen: (listener) => {
      port.onMessage.addListener(listener);
    },
    close: () => {
      port.disconnect();
    },
  };
}

/** Passes every message of each endpoint on to the other; `onPassed` is shown what came from `a`. */
export function join(a: Endpoint, b: Endpoint, onPassed?: (message: unknown) => void): void {
  a.listen((message) => {
    b.post(message);
    onPassed?.(message);
  });
  b.listen((message) => {
    a.post(message);
  });
}
