// An attached document with fakes around it: its page at the other end of the port, a background that the test answers
// for, and the sockets and RTCPeerConnections of its Peers.
import { vi } from 'vitest';
import { AttachedDocument } from '../../../src/engine/attached-document';
import type { AdmitReply, SiteDocument } from '../../../src/protocol/control-messages';
import type { PeerStart } from '../../../src/protocol/page-messages';
import { endpointPair } from './endpoint-pair';
import { admissionOf, CONDITIONS, hostedWorld } from './hosted-world';
import { connectionCreate, peerStart as startMessage } from './page-messages';
import { settled } from './settled';
import { siteDocument } from './site-documents';

export const peerStart = (start: Partial<PeerStart> = {}): PeerStart => startMessage({ token: 'token', ...start });

export const admission = admissionOf([{ id: 'me', secret: '0'.repeat(32) }]);

export interface Ask {
  document: SiteDocument;
  start: PeerStart;
  reply: (reply: AdmitReply) => void;
  fail: (error: Error) => void;
}

export function makeDocument({ isBound = true } = {}) {
  const world = hostedWorld();
  const onDetached = vi.fn();
  const asked: Ask[] = [];
  const leases: string[] = [];
  const document = siteDocument();
  const attachedDocument = new AttachedDocument(
    document,
    world.environment,
    {
      admit: (site, start) =>
        new Promise((reply, fail) => {
          asked.push({ document: site, start, reply, fail });
        }),
      leased: (_, { id }) => void leases.push(id),
    },
    onDetached,
  );
  const [host, page] = endpointPair();
  if (isBound) attachedDocument.bind(host);
  return { attachedDocument, host, page, asked, leases, document, onDetached, ...world };
}

/** An attached document whose Peer 1 is registered. */
export function makeRegistered() {
  const made = makeDocument();
  made.attachedDocument.startPeer(peerStart(), admission);
  made.sockets.last.welcome();
  return { ...made, socket: made.sockets.last };
}

export async function makeOpen() {
  const made = makeRegistered();
  made.page.post(connectionCreate());
  await settled();
  const { channel } = made.peerConnections.last;
  channel.open();
  return { ...made, channel };
}

/** Two documents, each with a Peer, of a site that is at its limit of Peers. */
export function makeFull() {
  const { attachedDocument, page, asked, ...world } = makeDocument();
  const limits = { ...CONDITIONS.limits, peers: 2, connections: 1 };
  attachedDocument.startPeer(peerStart(), { ...admission, limits });
  const [end, otherPage] = endpointPair();
  const other = new AttachedDocument(siteDocument({ tabId: 2 }), world.environment, {
    admit: () => Promise.reject(new Error('not asked')),
    leased: () => undefined,
  });
  other.bind(end);
  other.startPeer(peerStart({ requestedId: 'other' }), {
    ...admissionOf([{ id: 'other', secret: '1'.repeat(32) }]),
    limits,
  });
  for (const socket of world.sockets.made) socket.welcome();
  return { attachedDocument, page, other, otherPage, asked, limits, ...world };
}

export const quotaOf = ({ environment }: Pick<ReturnType<typeof makeFull>, 'environment'>) =>
  environment.quotas.join(siteDocument().site);
