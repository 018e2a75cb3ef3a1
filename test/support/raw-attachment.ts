// Attaches a document without `window.Peer`, so that a test can send the host messages that the class never sends.
import type { JSHandle } from '@playwright/test';
import type { DrivenPage } from './driven-page';
import type { TestPeerServer } from './peer-server';

type ReceivedMessage = Record<string, unknown> & { type: string };

/** A port to the content script and the host, which bypasses `window.Peer`. */
export interface RawAttachment {
  /** All messages so far, oldest first. */
  heard: ReceivedMessage[];
  post: (message: unknown) => void;
  /** Resolves with the first past or future message of this type (and connection). */
  until: (type: string, connectionKey?: number) => Promise<ReceivedMessage>;
}

/** Attaches the document. `first`: the first message over the port. */
export function attachRaw(page: DrivenPage, first: unknown): Promise<JSHandle<RawAttachment>> {
  return page.evaluateHandle((first) => {
    const { port1, port2 } = new MessageChannel();
    let current = port1;
    let next: MessagePort | undefined;
    const heard: ReceivedMessage[] = [];
    const waiting = new Set<() => void>();
    const receive = ({ data, ports }: MessageEvent<ReceivedMessage>): void => {
      heard.push(data);
      if (data.type === 'use-port') next = ports[0];
      if (data.type === 'moving' && next) {
        current.postMessage({ type: 'moved' });
        current = next;
        current.onmessage = receive;
      }
      for (const check of [...waiting]) check();
    };
    port1.onmessage = receive;
    const until: RawAttachment['until'] = (type, connectionKey) =>
      new Promise((resolve) => {
        const isWanted = (message: ReceivedMessage): boolean =>
          message.type === type && (connectionKey === undefined || message.connectionKey === connectionKey);
        const check = (): void => {
          const found = heard.find(isWanted);
          if (!found) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      });
    window.dispatchEvent(new MessageEvent('peerport:attach', { ports: [port2] }));
    const post = (message: unknown): void => current.postMessage(message);
    post(first);
    return { heard, post, until };
  }, first);
}

/** A request to attach with a Peer of key 1. `members` replace members of its `peer.start`. */
export function startOf({ host, port }: TestPeerServer, members: Record<string, unknown> = {}) {
  const server = { host, port, path: '/', key: 'peerjs', secure: false };
  const start = { type: 'peer.start', peerKey: 1, epoch: 1, server, pingInterval: 5000, config: {}, ...members };
  return { type: 'attach', start };
}
