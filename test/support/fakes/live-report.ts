// The host's reports to a panel.
import type { LiveConnection, LiveDocument, LiveReport } from '../../../src/protocol/live-messages';

export function liveConnection(connection: Partial<LiveConnection> = {}): LiveConnection {
  return {
    key: '1/1',
    remotePeerId: 'remote',
    kind: 'data',
    route: 'hosted',
    state: 'open',
    age: 0,
    bytesSent: 0,
    bytesReceived: 0,
    ...connection,
  };
}

/** A document with one Peer and these connections. */
export function liveDocument(document: Partial<LiveDocument> = {}, connections = [liveConnection()]): LiveDocument {
  const peer = { key: '1/1', id: 'me', state: 'open' as const, server: 'signal.example', connections };
  return { tabId: 1, frameId: 0, origin: 'https://chat.example', isPrivate: false, peers: [peer], ...document };
}

export function liveReport(at: number, ...documents: LiveDocument[]): LiveReport {
  return { type: 'report', at, documents };
}
