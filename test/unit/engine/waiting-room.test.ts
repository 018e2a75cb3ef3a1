import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Attachment } from '../../../src/engine/attachment';
import { WAIT_FOR_OTHERS_MS, WAIT_MS, WaitingRoom } from '../../../src/engine/waiting-room';
import { serverUrl } from '../../../src/protocol/peer-server';
import { siteDocument, type DocumentOptions } from '../../support/fakes/site-documents';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const server = { host: 'signal.example', port: 443, path: '/', key: 'peerjs', secure: true };
const url = serverUrl(server);

/** A document that has gone, as far as the room looks at it. */
function attachment(options: DocumentOptions = {}, ...ids: (string | undefined)[]): Attachment {
  const hostedPeers = ids.map((peerId, index) => [index + 1, { registration: { server, peerId } }]);
  return { document: siteDocument(options), hostedPeers } as unknown as Attachment;
}

function makeRoom() {
  const over: Attachment[] = [];
  const room = new WaitingRoom((one) => {
    over.push(one);
    // As the host does it.
    room.leave(one);
  });
  const enter = (options: DocumentOptions = {}, ...ids: (string | undefined)[]): Attachment => {
    const entering = attachment(options, ...ids);
    room.enter(entering);
    return entering;
  };
  const find = (options: DocumentOptions = {}, id = 'me', at = url) => room.find(siteDocument(options), at, id);
  return { room, over, enter, find };
}

describe('WaitingRoom', () => {
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
    const { room, over, enter, find } = makeRoom();
    room.leave(enter({}, 'me'));
    expect(find()).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
    expect(over).toEqual([]);
  });

  it('waits for the others for a moment once a Peer of the next page is there', () => {
    const { room, over, enter } = makeRoom();
    const entered = enter();
    vi.advanceTimersByTime(10_000);
    room.noteReturn(siteDocument());
    vi.advanceTimersByTime(WAIT_FOR_OTHERS_MS - 1);
    expect(over).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(over).toEqual([entered]);
  });

  it('waits no longer because further Peers come', () => {
    const { room, over, enter } = makeRoom();
    enter();
    room.noteReturn(siteDocument());
    vi.advanceTimersByTime(WAIT_FOR_OTHERS_MS - 1);
    room.noteReturn(siteDocument());
    vi.advanceTimersByTime(1);
    expect(over).toHaveLength(1);
  });

  it('waits no longer than the minute where a Peer comes at its end', () => {
    const { room, over, enter } = makeRoom();
    enter();
    vi.advanceTimersByTime(WAIT_MS - 1);
    room.noteReturn(siteDocument());
    vi.advanceTimersByTime(1);
    expect(over).toHaveLength(1);
  });

  it('waits as long as before for other sites and tabs', () => {
    const { room, over, enter } = makeRoom();
    enter();
    room.noteReturn(siteDocument({ tabId: 2 }));
    room.noteReturn(siteDocument({ origin: 'https://other.example' }));
    vi.advanceTimersByTime(WAIT_MS - 1);
    expect(over).toEqual([]);
  });

  it('ends all that waits in a tab that has left, of whichever site', () => {
    const { room, over, enter } = makeRoom();
    const left = [enter(), enter({ topOrigin: 'https://news.example' })];
    enter({ tabId: 2 });
    room.leaveTab(1);
    expect(over).toEqual(left);
    expect(vi.getTimerCount()).toBe(1);
  });
});
