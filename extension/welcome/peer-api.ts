// `Peer` for this page, as web pages have it: the same API, the same way to the same host. Web pages get the two halves
// as content scripts, which no page of an extension does.
import { AttachingDocument } from '../content/attaching-document';
import { install } from '../../src/api/install';
import type { PeerBase } from '../../src/api/peer';
import type { PeerOptions } from '../../src/api/peer-options';
import type { AttachContentMessage } from '../../src/protocol/attach-messages';
import type { HostMessage } from '../../src/protocol/host-messages';

export type PeerConstructor = new (options?: PeerOptions) => PeerBase;

/** `onAttached`: the engine host has answered. */
export function createPeerApi(onAttached: () => void): PeerConstructor {
  const api: { Peer?: PeerConstructor } = {};
  install(api, () => {
    const { port1, port2 } = new MessageChannel();
    // Before the API's own listener, which ends the way of what it has handled.
    port1.addEventListener('message', ({ data }: MessageEvent<HostMessage | AttachContentMessage>) => {
      if (data.type === 'attached') onAttached();
    });
    new AttachingDocument(port2);
    return port1;
  });
  return api.Peer!;
}
