import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineHost } from '../../../src/engine/engine-host';
import { endpointPair } from '../../support/fakes/endpoint-pair';
import { admissionOf, hostedWorld } from '../../support/fakes/hosted-world';
import { peerStart } from '../../support/fakes/page-messages';
import { siteDocument } from '../../support/fakes/site-documents';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function makeHost() {
  const { environment, ...world } = hostedWorld();
  const onIdle = vi.fn();
  const onOccupied = vi.fn();
  const onParked = vi.fn();
  const admit = async () => ({ status: 'denied', message: '' }) as const;
  const background = { admit, leased: () => {} };
  const host = new EngineHost({ ...environment, background, onIdle, onOccupied, onConnections: () => {}, onParked });
  return { host, onIdle, onOccupied, onParked, ...world };
}

/** A host that expects one document. */
function makeExpecting(ticket = 'ticket') {
  const made = makeHost();
  const document = siteDocument();
  const identities = [{ id: 'me', secret: '0'.repeat(32) }];
  made.host.expect(ticket, document, peerStart({ token: 'token' }), admissionOf(identities));
  return { ...made, documentId: document.documentId };
}

/** A host that a document is attached to. */
function makeAttached() {
  const made = makeExpecting();
  const [end, page] = endpointPair();
  const onGone = made.host.bind('ticket', made.documentId, end)!;
  return { ...made, end, page, onGone };
}

describe('EngineHost during the test of a relay', () => {
  it('is not idle', async () => {
    const { host } = makeHost();
    const trial = host.testRelay({ urls: ['turn:relay.example'] });
    expect(host.isIdle).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await trial).toMatchObject({ error: { code: 'timeout' } });
    expect(host.isIdle).toBe(true);
  });
});

describe('EngineHost reports whether it is occupied', () => {
  it('when it expects the first document and when the last one is gone, once each', () => {
    const { host, onOccupied, onGone } = makeAttached();
    expect(onOccupied.mock.calls).toEqual([[true]]);
    host.expect('second', siteDocument({ documentId: 'second' }), peerStart({ token: 'token' }), admissionOf([]));
    onGone();
    expect(onOccupied.mock.calls).toEqual([[true]]);
    vi.advanceTimersByTime(30_000);
    expect(onOccupied.mock.calls).toEqual([[true], [false]]);
  });

  it('when the test of a relay begins and when it ends', async () => {
    const { host, onOccupied } = makeHost();
    const trial = host.testRelay({ urls: ['turn:relay.example'] });
    expect(onOccupied.mock.calls).toEqual([[true]]);
    await vi.advanceTimersByTimeAsync(10_000);
    await trial;
    expect(onOccupied.mock.calls).toEqual([[true], [false]]);
  });
});

describe('EngineHost', () => {
  it('starts the first Peer before the document’s port has come', () => {
    const { sockets } = makeExpecting();
    expect(sockets.last.id).toBe('me');
  });

  it('acknowledges the port that shows the ticket, then posts the queued messages', () => {
    const { host, sockets, documentId } = makeExpecting();
    sockets.last.welcome();
    const [end, page] = endpointPair();
    expect(host.bind('ticket', documentId, end)).toBeTypeOf('function');
    expect(page.received).toMatchObject([{ type: 'attached' }, { type: 'peer.open', peerId: 'me' }]);
  });

  it('accepts a ticket for one port only', () => {
    const { host, documentId, end } = makeAttached();
    const [second, thief] = endpointPair();
    expect(host.bind('ticket', documentId, second)).toBeUndefined();
    expect([end.isClosed, second.isClosed]).toEqual([false, true]);
    expect(thief.received).toEqual([]);
  });

  it.each([undefined, null, '', 'another', 7, {}, ['ticket']])('closes a port that shows %j', (ticket) => {
    const { host, documentId } = makeExpecting();
    const [end, page] = endpointPair();
    expect(host.bind(ticket, documentId, end)).toBeUndefined();
    expect(end.isClosed).toBe(true);
    expect(page.received).toEqual([]);
  });

  it.each(['another document', undefined])(
    'closes a port of %s that shows the ticket, and the ticket stays valid',
    (thief) => {
      const { host, documentId } = makeExpecting();
      const [stolen, page] = endpointPair();
      expect(host.bind('ticket', thief, stolen)).toBeUndefined();
      expect(stolen.isClosed).toBe(true);
      expect(page.received).toEqual([]);
      expect(host.bind('ticket', documentId, endpointPair()[0])).toBeDefined();
    },
  );

  it('ends the Peers of a document once when its port is gone', () => {
    const { host, sockets, end, onGone } = makeAttached();
    onGone();
    onGone();
    expect(sockets.last.isClosed).toBe(true);
    expect(end.closings).toBe(1);
    expect(host.isIdle).toBe(true);
  });

  it('rejects the ticket of a document that is gone', () => {
    const { host, documentId, onGone } = makeAttached();
    onGone();
    const [end] = endpointPair();
    expect(host.bind('ticket', documentId, end)).toBeUndefined();
    expect(end.isClosed).toBe(true);
  });

  it('leaves other documents alone when one is gone', () => {
    const { host, sockets, onGone } = makeAttached();
    host.expect('two', siteDocument(), peerStart({ token: 'token' }), admissionOf());
    onGone();
    expect(sockets.made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(host.isIdle).toBe(false);
  });
});

describe('EngineHost with a document that is announced repeatedly', () => {
  it('attaches a document once, however often it is announced', () => {
    const { host, sockets, end, documentId } = makeAttached();
    for (let n = 0; n < 10; n++) {
      host.expect(`again ${n}`, siteDocument({ documentId }), peerStart({ token: 'token' }), admissionOf());
    }
    expect(host.documents()).toHaveLength(1);
    expect(sockets.made.map(({ isClosed }) => isClosed)).toEqual([...Array<boolean>(10).fill(true), false]);
    expect(end.isClosed).toBe(true);
    expect(host.bind('again 8', documentId, endpointPair()[0])).toBeUndefined();
    expect(host.bind('again 9', documentId, endpointPair()[0])).toBeDefined();
  });

  it('detaches only the document that keeps sending invalid messages', () => {
    const { host, page, end } = makeAttached();
    host.expect('other', siteDocument({ tabId: 2 }), peerStart({ token: 'token' }), admissionOf());
    for (let n = 0; n < 300; n++) page.post({ type: 'nonsense' });
    expect([host.documents().length, end.isClosed]).toEqual([1, true]);
  });
});

describe('EngineHost moves the data plane of a document', () => {
  it('to the first port that shows its ticket', () => {
    const { host, page } = makeAttached();
    const [first] = endpointPair();
    const [second, thief] = endpointPair();
    host.move('ticket', first);
    host.move('ticket', second);
    expect(page.received.at(-1)).toEqual({ type: 'moving' });
    expect([first.isClosed, second.isClosed]).toEqual([false, true]);
    expect(thief.received).toEqual([]);
  });

  it.each([undefined, null, 'another', {}])('refuses a MessagePort that shows %j', (ticket) => {
    const { host, page } = makeAttached();
    const [port] = endpointPair();
    host.move(ticket, port);
    expect(port.isClosed).toBe(true);
    expect(page.ofType('moving')).toEqual([]);
  });

  it('refuses a MessagePort before the document’s runtime port has come', () => {
    const { host, documentId } = makeExpecting();
    const [early] = endpointPair();
    host.move('ticket', early);
    expect(early.isClosed).toBe(true);
    expect(host.bind('ticket', documentId, endpointPair()[0])).toBeDefined();
  });

  it('refuses a MessagePort after the document is gone', () => {
    const { host, onGone } = makeAttached();
    onGone();
    const [port] = endpointPair();
    host.move('ticket', port);
    expect(port.isClosed).toBe(true);
  });
});

describe('EngineHost with an announced document', () => {
  it('waits half a minute for its port', () => {
    const { host, sockets } = makeExpecting();
    vi.advanceTimersByTime(29_999);
    expect(host.isIdle).toBe(false);
    vi.advanceTimersByTime(1);
    expect(host.isIdle).toBe(true);
    expect(sockets.last.isClosed).toBe(true);
  });

  it('keeps the document once its port has come', () => {
    const { host } = makeAttached();
    vi.advanceTimersByTime(10 * 60_000);
    expect(host.isIdle).toBe(false);
  });
});

describe('EngineHost reports that it is idle', () => {
  it('after a minute', () => {
    const { onIdle } = makeHost();
    vi.advanceTimersByTime(59_999);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('again after each further minute', () => {
    const { onIdle } = makeHost();
    vi.advanceTimersByTime(5 * 60_000);
    expect(onIdle).toHaveBeenCalledTimes(5);
  });

  it('never while a document is attached', () => {
    const { onIdle } = makeAttached();
    vi.advanceTimersByTime(10 * 60_000);
    expect(onIdle).not.toHaveBeenCalled();
  });

  it('a whole minute after the last document is gone, once', () => {
    const { onIdle, onGone } = makeAttached();
    vi.advanceTimersByTime(20_000);
    onGone();
    onGone();
    vi.advanceTimersByTime(59_999);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('without counting the time before a document came', () => {
    const { host, onIdle } = makeHost();
    vi.advanceTimersByTime(59_000);
    host.expect('ticket', siteDocument(), peerStart({ token: 'token' }), admissionOf());
    vi.advanceTimersByTime(29_000);
    expect(onIdle).not.toHaveBeenCalled();
  });
});

describe('EngineHost with another document in the same frame', () => {
  it('ends the former document and frees its ID, even if its port is still open', () => {
    const { host, sockets } = makeAttached();
    const identities = [{ id: 'me', secret: '0'.repeat(32) }];
    const start = peerStart({ token: 'token', requestedId: 'me' });
    host.expect('second', siteDocument({ documentId: 'second' }), start, admissionOf(identities));
    expect(sockets.made.map(({ id }) => id)).toEqual(['me', 'me']);
  });

  it('leaves a document in another frame alone', () => {
    const { host, documentId } = makeAttached();
    const ids = (): string[] => host.documents().map(({ document }) => document.documentId);
    host.expect('frame', { ...siteDocument({ documentId: 'frame' }), frameId: 7 }, peerStart(), admissionOf([]));
    expect(ids()).toHaveLength(2);
    host.expect('third', { ...siteDocument({ documentId: 'third' }), frameId: 7 }, peerStart(), admissionOf([]));
    expect(ids()).toEqual([documentId, 'third']);
  });
});
