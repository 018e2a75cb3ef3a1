// Attaches a document without `window.Peer`, so that a test can send the host messages that the class never sends.
import type { JSHandle } from '@playwright/test';
import type { DrivenPage } from './driven-page';
import type { TestPeerServer } from './peer-server';

type Said = Record<string, unknown> & { type: string };

/** A page's own port to its content script and host, which bypasses `window.Peer`. */
export interface RawAttachment {
  heard: Said[];
  post: (message: unknown) => void;
  /** Resolves with the first past or future message of this type (and connection). */
  until: (type: string, connectionKey?: number) => Promise<Said>;
}

/** Attaches the document. `first`: the first message over its port. */
export function attachRaw(page: DrivenPage, first: unknown): Promise<JSHandle<RawAttachment>> {
  return page.evaluateHandle((first) => {
    const { port1, port2 } = new MessageChannel();
    let current = port1;
    let next: MessagePort | undefined;
    const heard: Said[] = [];
    const waiting = new Set<() => void>();
    const hear = ({ data, ports }: MessageEvent<Said>): void => {
      heard.push(data);
      if (data.type === 'use-port') next = ports[0];
      if (data.type === 'moving' && next) {
        current.postMessage({ type: 'moved' });
        current = next;
        current.onmessage = hear;
      }
      for (const look of [...waiting]) look();
    };
    port1.onmessage = hear;
    const until: RawAttachment['until'] = (type, connectionKey) =>
      new Promise((resolve) => {
        const isMeant = (said: Said): boolean =>
          said.type === type && (connectionKey === undefined || said.connectionKey === connectionKey);
        const look = (): void => {
          const found = heard.find(isMeant);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
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
