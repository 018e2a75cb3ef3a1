// Gives the welcome page the same `Peer` that web pages have, connected to the same host. Web pages get the API and the
// attachment as content scripts, which do not run in extension pages.
import { AttachingDocument } from '../content/attaching-document';
import { install } from '../../src/api/install';
import type { PeerBase } from '../../src/api/peer';
import type { PeerOptions } from '../../src/api/peer-options';
import type { AttachContentMessage } from '../../src/protocol/attach-messages';
import type { HostMessage } from '../../src/protocol/host-messages';

export type PeerConstructor = new (options?: PeerOptions) => PeerBase;

/** `onAttached` is called when the engine host has answered. */
export function createPeerApi(onAttached: () => void): PeerConstructor {
  const api: { Peer?: PeerConstructor } = {};
  install(api, () => {
    const { port1, port2 } = new MessageChannel();
    // Must precede the API's own listener, which stops the propagation of messages that it has handled.
    port1.addEventListener('message', ({ data }: MessageEvent<HostMessage | AttachContentMessage>) => {
      if (data.type === 'attached') onAttached();
    });
    new AttachingDocument(port2);
    return port1;
  });
  return api.Peer!;
}
