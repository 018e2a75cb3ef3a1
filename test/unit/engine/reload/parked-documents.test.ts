import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ParkedDocuments,
  WAIT_FOR_OTHERS_MS,
  type ParkableDocument,
} from '../../../../src/engine/reload/parked-documents';
import { WAIT_MS } from '../../../../src/engine/reload/parked-peer';
import { serverUrl } from '../../../../src/protocol/peer-server';
import { siteDocument, type DocumentOptions } from '../../../support/fakes/site-documents';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const server = { host: 'signal.example', port: 443, path: '/', key: 'peerjs', secure: true };
const url = serverUrl(server);

/** A document as ParkedDocuments sees it. */
function attachedDocument(options: DocumentOptions = {}, ...ids: (string | undefined)[]): ParkableDocument {
  const hostedPeers = ids.map((peerId, index) => [index + 1, { address: { server, peerId } }]);
  return { document: siteDocument(options), hostedPeers } as unknown as ParkableDocument;
}

function makeParked() {
  const over: ParkableDocument[] = [];
  const parkedDocuments = new ParkedDocuments();
  const enter = (options: DocumentOptions = {}, ...ids: (string | undefined)[]): ParkableDocument => {
    const entering = attachedDocument(options, ...ids);
    parkedDocuments.enter(entering, () => {
      over.push(entering);
      // As in EngineHost.
      parkedDocuments.leave(entering);
    });
    return entering;
  };
  const find = (options: DocumentOptions = {}, id = 'me', at = url) =>
    parkedDocuments.find(siteDocument(options), at, id);
  return { parkedDocuments, over, enter, find };
}

describe('ParkedDocuments', () => {
  it('finds a Peer by its ID among several Peers of a document', () => {
    const { enter, find } = makeParked();
    const { hostedPeers } = enter({}, undefined, 'other', 'me');
    expect(find()).toBe(hostedPeers[2]![1]);
    expect(find({}, 'unknown')).toBeUndefined();
  });

  it('does not find a Peer that is registered with another server', () => {
    const { enter, find } = makeParked();
    enter({}, 'me');
    expect(find({}, 'me', serverUrl({ ...server, key: 'other' }))).toBeUndefined();
  });

  it.each<[string, DocumentOptions]>([
    ['another tab', { tabId: 2 }],
    ['another origin', { origin: 'https://other.example' }],
    ['the same origin, embedded', { topOrigin: 'https://news.example' }],
    ['a private window', { isPrivate: true }],
  ])('finds no Peer for a document of %s', (_, options) => {
    const { enter, find } = makeParked();
    enter({}, 'me');
    expect(find(options)).toBeUndefined();
    const { hostedPeers } = enter(options, 'me');
    expect(find(options)).toBe(hostedPeers[0]![1]);
  });

  it('finds the Peer of the latest page first', () => {
    const { enter, find } = makeParked();
    enter({}, 'me');
    const { hostedPeers } = enter({}, 'me');
    expect(find()).toBe(hostedPeers[0]![1]);
  });

  it('reports after a minute that no document came', () => {
    const { over, enter, find } = makeParked();
    const entered = enter({}, 'me');
    vi.advanceTimersByTime(WAIT_MS - 1);
    expect(over).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(over).toEqual([entered]);
    expect(find()).toBeUndefined();
  });

  it('reports nothing about a document that has left', () => {
    const { parkedDocuments, over, enter, find } = makeParked();
    parkedDocuments.leave(enter({}, 'me'));
    expect(find()).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
    expect(over).toEqual([]);
  });

  it('waits five more seconds for other Peers once the next page has a Peer', () => {
    const { parkedDocuments, over, enter } = makeParked();
    const entered = enter();
    vi.advanceTimersByTime(10_000);
    parkedDocuments.recordReturn(siteDocument());
    vi.advanceTimersByTime(WAIT_FOR_OTHERS_MS - 1);
    expect(over).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(over).toEqual([entered]);
  });

  it('does not wait longer when further Peers come', () => {
    const { parkedDocuments, over, enter } = makeParked();
    enter();
    parkedDocuments.recordReturn(siteDocument());
    vi.advanceTimersByTime(WAIT_FOR_OTHERS_MS - 1);
    parkedDocuments.recordReturn(siteDocument());
    vi.advanceTimersByTime(1);
    expect(over).toHaveLength(1);
  });

  it('never waits longer than a minute, even if a Peer comes at its end', () => {
    const { parkedDocuments, over, enter } = makeParked();
    enter();
    vi.advanceTimersByTime(WAIT_MS - 1);
    parkedDocuments.recordReturn(siteDocument());
    vi.advanceTimersByTime(1);
    expect(over).toHaveLength(1);
  });

  it('keeps the whole minute for other sites and tabs', () => {
    const { parkedDocuments, over, enter } = makeParked();
    enter();
    parkedDocuments.recordReturn(siteDocument({ tabId: 2 }));
    parkedDocuments.recordReturn(siteDocument({ origin: 'https://other.example' }));
    vi.advanceTimersByTime(WAIT_MS - 1);
    expect(over).toEqual([]);
  });

  it('ends the documents of all sites parked for a tab that was left', () => {
    const { parkedDocuments, over, enter } = makeParked();
    const left = [enter(), enter({ topOrigin: 'https://news.example' })];
    enter({ tabId: 2 });
    parkedDocuments.leaveTab(1);
    expect(over).toEqual(left);
    expect(vi.getTimerCount()).toBe(1);
  });
});
