import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineHost } from '../../../src/engine/engine-host';
import { endpointPair } from '../../support/fakes/endpoint-pair';
import { admissionOf, hostedWorld } from '../../support/fakes/hosted-world';
import { peerStart } from '../../support/fakes/page-messages';
import { siteDocument } from '../../support/fakes/site-documents';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function makeHost() {
  const { context, ...world } = hostedWorld();
  const onIdle = vi.fn();
  const onOccupied = vi.fn();
  const onWaiting = vi.fn();
  const admit = async () => ({ status: 'denied', message: '' }) as const;
  const background = { admit, leased: () => {} };
  const host = new EngineHost({ ...context, background, onIdle, onOccupied, onConnections: () => {}, onWaiting });
  return { host, onIdle, onOccupied, onWaiting, ...world };
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

describe('EngineHost that tries a relay', () => {
  it('is not idle meanwhile', async () => {
    const { host } = makeHost();
    const trial = host.testRelay({ urls: ['turn:relay.example'] });
    expect(host.isIdle).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await trial).toMatchObject({ error: { code: 'timeout' } });
    expect(host.isIdle).toBe(true);
  });
});

describe('what EngineHost says of its occupation', () => {
  it('is told once it expects a document, and once the last one is gone', () => {
    const { host, onOccupied, onGone } = makeAttached();
    expect(onOccupied.mock.calls).toEqual([[true]]);
    host.expect('second', siteDocument({ documentId: 'second' }), peerStart({ token: 'token' }), admissionOf([]));
    onGone();
    expect(onOccupied.mock.calls).toEqual([[true]]);
    vi.advanceTimersByTime(30_000);
    expect(onOccupied.mock.calls).toEqual([[true], [false]]);
  });

  it('is told of the trial of a relay', async () => {
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

  it('acknowledges the port that shows the ticket, and says what it has kept', () => {
    const { host, sockets, documentId } = makeExpecting();
    sockets.last.welcome();
    const [end, page] = endpointPair();
    expect(host.bind('ticket', documentId, end)).toBeTypeOf('function');
    expect(page.received).toMatchObject([{ type: 'attached' }, { type: 'peer.open', peerId: 'me' }]);
  });

  it('takes a ticket for one port', () => {
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

  it.each(['another document', undefined])('closes a port of %s that shows the ticket, which stays good', (thief) => {
    const { host, documentId } = makeExpecting();
    const [stolen, page] = endpointPair();
    expect(host.bind('ticket', thief, stolen)).toBeUndefined();
    expect(stolen.isClosed).toBe(true);
    expect(page.received).toEqual([]);
    expect(host.bind('ticket', documentId, endpointPair()[0])).toBeDefined();
  });

  it('ends what a document had when its port is gone, once', () => {
    const { host, sockets, end, onGone } = makeAttached();
    onGone();
    onGone();
    expect(sockets.last.isClosed).toBe(true);
    expect(end.closings).toBe(1);
    expect(host.isIdle).toBe(true);
  });

  it('does not know the ticket of a document that has gone', () => {
    const { host, documentId, onGone } = makeAttached();
    onGone();
    const [end] = endpointPair();
    expect(host.bind('ticket', documentId, end)).toBeUndefined();
    expect(end.isClosed).toBe(true);
  });

  it('keeps documents apart', () => {
    const { host, sockets, onGone } = makeAttached();
    host.expect('two', siteDocument(), peerStart({ token: 'token' }), admissionOf());
    onGone();
    expect(sockets.made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(host.isIdle).toBe(false);
  });
});

describe('EngineHost moves a document', () => {
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

  it.each([undefined, null, 'another', {}])('not to a port that shows %j', (ticket) => {
    const { host, page } = makeAttached();
    const [port] = endpointPair();
    host.move(ticket, port);
    expect(port.isClosed).toBe(true);
    expect(page.ofType('moving')).toEqual([]);
  });

  it('not before the document itself has come', () => {
    const { host, documentId } = makeExpecting();
    const [early] = endpointPair();
    host.move('ticket', early);
    expect(early.isClosed).toBe(true);
    expect(host.bind('ticket', documentId, endpointPair()[0])).toBeDefined();
  });

  it('not after it has gone', () => {
    const { host, onGone } = makeAttached();
    onGone();
    const [port] = endpointPair();
    host.move('ticket', port);
    expect(port.isClosed).toBe(true);
  });
});

describe('EngineHost that waits for a document', () => {
  it('does not wait longer than half a minute', () => {
    const { host, sockets } = makeExpecting();
    vi.advanceTimersByTime(29_999);
    expect(host.isIdle).toBe(false);
    vi.advanceTimersByTime(1);
    expect(host.isIdle).toBe(true);
    expect(sockets.last.isClosed).toBe(true);
  });

  it('keeps it when it has come', () => {
    const { host } = makeAttached();
    vi.advanceTimersByTime(10 * 60_000);
    expect(host.isIdle).toBe(false);
  });
});

describe('EngineHost that is idle', () => {
  it('says so after a minute', () => {
    const { onIdle } = makeHost();
    vi.advanceTimersByTime(59_999);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('says so again after a further minute, once a minute', () => {
    const { onIdle } = makeHost();
    vi.advanceTimersByTime(5 * 60_000);
    expect(onIdle).toHaveBeenCalledTimes(5);
  });

  it('does not say so while a document is attached', () => {
    const { onIdle } = makeAttached();
    vi.advanceTimersByTime(10 * 60_000);
    expect(onIdle).not.toHaveBeenCalled();
  });

  it('waits a whole minute from when the last has left, and says so once', () => {
    const { onIdle, onGone } = makeAttached();
    vi.advanceTimersByTime(20_000);
    onGone();
    onGone();
    vi.advanceTimersByTime(59_999);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('does not say so of the time before a document came', () => {
    const { host, onIdle } = makeHost();
    vi.advanceTimersByTime(59_000);
    host.expect('ticket', siteDocument(), peerStart({ token: 'token' }), admissionOf());
    vi.advanceTimersByTime(29_000);
    expect(onIdle).not.toHaveBeenCalled();
  });
});

describe('a document that the next one in its frame replaces', () => {
  it('is gone, though its port has not said so: its ID is free', () => {
    const { host, sockets } = makeAttached();
    const identities = [{ id: 'me', secret: '0'.repeat(32) }];
    const start = peerStart({ token: 'token', requestedId: 'me' });
    host.expect('second', siteDocument({ documentId: 'second' }), start, admissionOf(identities));
    expect(sockets.made.map(({ id }) => id)).toEqual(['me', 'me']);
  });

  it('is none in another frame', () => {
    const { host, documentId } = makeAttached();
    const ids = (): string[] => host.documents().map(({ document }) => document.documentId);
    host.expect('frame', { ...siteDocument({ documentId: 'frame' }), frameId: 7 }, peerStart(), admissionOf([]));
    expect(ids()).toHaveLength(2);
    host.expect('third', { ...siteDocument({ documentId: 'third' }), frameId: 7 }, peerStart(), admissionOf([]));
    expect(ids()).toEqual([documentId, 'third']);
  });
});
