import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineHost } from '../../../src/engine/engine-host';
import { endpointPair } from '../../support/fakes/endpoint-pair';
import { hostedWorld } from '../../support/fakes/hosted-world';
import { peerStart } from '../../support/fakes/page-messages';
import { siteDocument } from '../../support/fakes/site-documents';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function makeHost() {
  const { context, ...world } = hostedWorld();
  const onIdle = vi.fn();
  const host = new EngineHost({
    ...context,
    background: { admit: async () => ({ status: 'denied', message: '' }), leased: () => {} },
    onIdle,
  });
  return { host, onIdle, ...world };
}

/** A host that expects one document. */
function makeExpecting(ticket = 'ticket') {
  const made = makeHost();
  const document = siteDocument();
  const identities = [{ id: 'me', secret: '0'.repeat(32) }];
  made.host.expect(ticket, document, peerStart({ token: 'token' }), { identities });
  return { ...made, document };
}

describe('EngineHost', () => {
  it('starts the first Peer before the port has come', () => {
    const { sockets } = makeExpecting();
    expect(sockets.last.id).toBe('me');
  });

  it('acknowledges the port that shows the ticket, and says what it has kept', () => {
    const { host, sockets } = makeExpecting();
    sockets.last.welcome();
    const [end, page] = endpointPair();
    host.bind('ticket', end);
    expect(page.received).toMatchObject([{ type: 'attached' }, { type: 'peer.open', peerId: 'me' }]);
  });

  it('takes a ticket for one port', () => {
    const { host } = makeExpecting();
    const [first] = endpointPair();
    const [second, thief] = endpointPair();
    host.bind('ticket', first);
    host.bind('ticket', second);
    expect([first.isClosed, second.isClosed]).toEqual([false, true]);
    expect(thief.received).toEqual([]);
  });

  it.each([undefined, null, '', 'another', 7, {}, ['ticket']])('closes a port that shows %j', (ticket) => {
    const { host } = makeExpecting();
    const [end, page] = endpointPair();
    host.bind(ticket, end);
    expect(end.isClosed).toBe(true);
    expect(page.received).toEqual([]);
  });

  it('knows for which document a ticket is', () => {
    const { host, document } = makeExpecting();
    expect(host.isFor('ticket', document.documentId)).toBe(true);
    expect(host.isFor('ticket', siteDocument().documentId)).toBe(false);
    expect(host.isFor('ticket', undefined)).toBe(false);
    expect(host.isFor('another', document.documentId)).toBe(false);
    expect(host.isFor(undefined, undefined)).toBe(false);
  });

  it('takes a ticket for one sensor', () => {
    const { host } = makeExpecting();
    expect(host.sense('ticket')).toBeTypeOf('function');
    expect(host.sense('ticket')).toBeUndefined();
    expect(host.sense('another')).toBeUndefined();
  });

  it('ends what a document had when its sensor closes, once', () => {
    const { host, sockets } = makeExpecting();
    const [end] = endpointPair();
    host.bind('ticket', end);
    const onGone = host.sense('ticket')!;
    onGone();
    onGone();
    expect(sockets.last.isClosed).toBe(true);
    expect(end.closings).toBe(1);
    expect(host.isIdle).toBe(true);
  });

  it('does not know the ticket of a document that has gone', () => {
    const { host } = makeExpecting();
    host.sense('ticket')!();
    const [end] = endpointPair();
    host.bind('ticket', end);
    expect(end.isClosed).toBe(true);
  });

  it('keeps documents apart', () => {
    const { host, sockets } = makeExpecting('one');
    host.expect('two', siteDocument(), peerStart({ token: 'token' }), { identities: [] });
    host.sense('one')!();
    expect(sockets.made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(host.isIdle).toBe(false);
  });
});

describe('EngineHost that waits for a document', () => {
  it.each<[string, (host: EngineHost) => void]>([
    ['anything', () => {}],
    ['its sensor, though the port has come', (host) => host.bind('ticket', endpointPair()[0])],
    ['its port, though the sensor has come', (host) => void host.sense('ticket')],
  ])('does not wait longer than half a minute for %s', (_, arrive) => {
    const { host, sockets } = makeExpecting();
    arrive(host);
    vi.advanceTimersByTime(29_999);
    expect(host.isIdle).toBe(false);
    vi.advanceTimersByTime(1);
    expect(host.isIdle).toBe(true);
    expect(sockets.last.isClosed).toBe(true);
  });

  it.each([
    ['port, then sensor', ['bind', 'sense']],
    ['sensor, then port', ['sense', 'bind']],
  ])('keeps it when both have come: %s', (_, order) => {
    const { host } = makeExpecting();
    for (const step of order) {
      if (step === 'bind') host.bind('ticket', endpointPair()[0]);
      else host.sense('ticket');
    }
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
    const { host, onIdle } = makeExpecting();
    host.bind('ticket', endpointPair()[0]);
    host.sense('ticket');
    vi.advanceTimersByTime(10 * 60_000);
    expect(onIdle).not.toHaveBeenCalled();
  });

  it('waits a whole minute from when the last has left, and says so once', () => {
    const { host, onIdle } = makeExpecting();
    vi.advanceTimersByTime(20_000);
    const onGone = host.sense('ticket')!;
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
    host.expect('ticket', siteDocument(), peerStart({ token: 'token' }), { identities: [] });
    vi.advanceTimersByTime(29_000);
    expect(onIdle).not.toHaveBeenCalled();
  });
});
