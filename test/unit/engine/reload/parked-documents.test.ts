import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AttachedDocument } from '../../../../src/engine/attached-document';
import { WAIT_FOR_OTHERS_MS, WAIT_MS, ParkedDocuments } from '../../../../src/engine/reload/parked-documents';
import { serverUrl } from '../../../../src/protocol/peer-server';
import { siteDocument, type DocumentOptions } from '../../../support/fakes/site-documents';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const server = { host: 'signal.example', port: 443, path: '/', key: 'peerjs', secure: true };
const url = serverUrl(server);

/** A document that has gone, as far as the room looks at it. */
function attachedDocument(options: DocumentOptions = {}, ...ids: (string | undefined)[]): AttachedDocument {
  const hostedPeers = ids.map((peerId, index) => [index + 1, { registration: { server, peerId } }]);
  return { document: siteDocument(options), hostedPeers } as unknown as AttachedDocument;
}

function makeRoom() {
  const over: AttachedDocument[] = [];
  const parkedDocuments = new ParkedDocuments((one) => {
    over.push(one);
    // As the host does it.
    parkedDocuments.leave(one);
  });
  const enter = (options: DocumentOptions = {}, ...ids: (string | undefined)[]): AttachedDocument => {
    const entering = attachedDocument(options, ...ids);
    parkedDocuments.enter(entering);
    return entering;
  };
  const find = (options: DocumentOptions = {}, id = 'me', at = url) =>
    parkedDocuments.find(siteDocument(options), at, id);
  return { parkedDocuments, over, enter, find };
}

describe('ParkedDocuments', () => {
  it('finds a Peer by its ID, among several of a document', () => {
    const { enter, find } = makeRoom();
    const { hostedPeers } = enter({}, undefined, 'other', 'me');
    expect(find()).toBe(hostedPeers[2]![1]);
    expect(find({}, 'unknown')).toBeUndefined();
  });

  it('finds none that is registered with another server', () => {
    const { enter, find } = makeRoom();
    enter({}, 'me');
    expect(find({}, 'me', serverUrl({ ...server, key: 'other' }))).toBeUndefined();
  });

  it.each<[string, DocumentOptions]>([
    ['another tab', { tabId: 2 }],
    ['another origin', { origin: 'https://other.example' }],
    ['the same origin, embedded', { topOrigin: 'https://news.example' }],
    ['a private window', { isPrivate: true }],
  ])('finds nothing for a document of %s', (_, options) => {
    const { enter, find } = makeRoom();
    enter({}, 'me');
    expect(find(options)).toBeUndefined();
    const { hostedPeers } = enter(options, 'me');
    expect(find(options)).toBe(hostedPeers[0]![1]);
  });

  it('finds what waits in the latest page first', () => {
    const { enter, find } = makeRoom();
    enter({}, 'me');
    const { hostedPeers } = enter({}, 'me');
    expect(find()).toBe(hostedPeers[0]![1]);
  });

  it('says after a minute that nobody came', () => {
    const { over, enter, find } = makeRoom();
    const entered = enter({}, 'me');
    vi.advanceTimersByTime(WAIT_MS - 1);
    expect(over).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(over).toEqual([entered]);
    expect(find()).toBeUndefined();
  });

  it('says nothing of what has left', () => {
    const { parkedDocuments, over, enter, find } = makeRoom();
    parkedDocuments.leave(enter({}, 'me'));
    expect(find()).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
    expect(over).toEqual([]);
  });

  it('waits for the others for a moment once a Peer of the next page is there', () => {
    const { parkedDocuments, over, enter } = makeRoom();
    const entered = enter();
    vi.advanceTimersByTime(10_000);
    parkedDocuments.recordReturn(siteDocument());
    vi.advanceTimersByTime(WAIT_FOR_OTHERS_MS - 1);
    expect(over).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(over).toEqual([entered]);
  });

  it('waits no longer because further Peers come', () => {
    const { parkedDocuments, over, enter } = makeRoom();
    enter();
    parkedDocuments.recordReturn(siteDocument());
    vi.advanceTimersByTime(WAIT_FOR_OTHERS_MS - 1);
    parkedDocuments.recordReturn(siteDocument());
    vi.advanceTimersByTime(1);
    expect(over).toHaveLength(1);
  });

  it('waits no longer than the minute where a Peer comes at its end', () => {
    const { parkedDocuments, over, enter } = makeRoom();
    enter();
    vi.advanceTimersByTime(WAIT_MS - 1);
    parkedDocuments.recordReturn(siteDocument());
    vi.advanceTimersByTime(1);
    expect(over).toHaveLength(1);
  });

  it('waits as long as before for other sites and tabs', () => {
    const { parkedDocuments, over, enter } = makeRoom();
    enter();
    parkedDocuments.recordReturn(siteDocument({ tabId: 2 }));
    parkedDocuments.recordReturn(siteDocument({ origin: 'https://other.example' }));
    vi.advanceTimersByTime(WAIT_MS - 1);
    expect(over).toEqual([]);
  });

  it('ends all that waits in a tab that has left, of whichever site', () => {
    const { parkedDocuments, over, enter } = makeRoom();
    const left = [enter(), enter({ topOrigin: 'https://news.example' })];
    enter({ tabId: 2 });
    parkedDocuments.leaveTab(1);
    expect(over).toEqual(left);
    expect(vi.getTimerCount()).toBe(1);
  });
});
