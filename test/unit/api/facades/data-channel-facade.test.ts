import '../../../support/fakes/page-globals';
import { describe, expect, it, vi } from 'vitest';
import { DataChannelFacade } from '../../../../src/api/facades/data-channel-facade';
import { dataChannel } from '../../../support/fakes/page';

function makeFacade() {
  const source = { bufferedBytes: vi.fn(() => 0), send: vi.fn(), close: vi.fn() };
  return { facade: new DataChannelFacade({ label: 'l', ordered: false }, source), source };
}

/** Records the events of these types. */
function watch(facade: DataChannelFacade, types: string[]): string[] {
  const events: string[] = [];
  for (const type of types) facade.addEventListener(type, () => events.push(type));
  return events;
}

describe('DataChannelFacade', () => {
  it('starts as an EventTarget in state connecting', () => {
    const { facade } = makeFacade();
    expect(facade).toBeInstanceOf(EventTarget);
    expect(facade).toMatchObject({
      label: 'l',
      ordered: false,
      readyState: 'connecting',
      id: null,
      binaryType: 'arraybuffer',
    });
  });

  it('takes over the real channel’s properties when it opens', () => {
    const { facade } = makeFacade();
    const events = watch(facade, ['open']);
    facade.handleOpen({ ...dataChannel, id: 7, maxRetransmits: 3 });
    expect(facade).toMatchObject({ readyState: 'open', id: 7, maxRetransmits: 3, reliable: false });
    expect(events).toEqual(['open']);
  });

  it('throws RTCDataChannel’s error before it is open and after it is closed', () => {
    const { facade, source } = makeFacade();
    expect(() => facade.send('early')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }) as Error);
    facade.handleOpen(dataChannel);
    facade.send('now');
    facade.handleClose();
    expect(() => facade.send('late')).toThrow(DOMException);
    expect(source.send).toHaveBeenCalledExactlyOnceWith('now');
  });

  it.each([
    [0, 10, 0, 1],
    [0, 10, 1, 0],
    [5, 10, 5, 1],
    [5, 10, 6, 0],
    [5, 5, 0, 0],
    [0, 0, 0, 0],
  ])('fires bufferedamountlow as browsers do: threshold %d, from %d to %d', (threshold, before, after, times) => {
    const { facade } = makeFacade();
    const events = watch(facade, ['bufferedamountlow']);
    facade.bufferedAmountLowThreshold = threshold;
    facade.handleDrain(before, after);
    expect(events).toHaveLength(times);
  });

  it('closes once', () => {
    const { facade } = makeFacade();
    const events = watch(facade, ['close']);
    facade.handleClose();
    facade.handleClose();
    expect([facade.readyState, events]).toEqual(['closed', ['close']]);
  });

  it('calls both handlers and listeners', () => {
    const { facade } = makeFacade();
    const target = facade as unknown as { onmessage: ((event: MessageEvent) => void) | null };
    const heard: unknown[] = [];
    expect(target.onmessage).toBeNull();
    target.onmessage = ({ data }) => heard.push(['replaced', data]);
    target.onmessage = ({ data }) => heard.push(['handler', data]);
    facade.addEventListener('message', (event) => heard.push(['listener', (event as MessageEvent).data]));
    facade.handleMessage('one');
    target.onmessage = null;
    facade.handleMessage('two');
    expect(heard).toEqual([
      ['handler', 'one'],
      ['listener', 'one'],
      ['listener', 'two'],
    ]);
  });

  it('treats a handler that is not a function as null', () => {
    const { facade } = makeFacade();
    const target = facade as unknown as { onopen: unknown };
    target.onopen = 'text';
    expect(target.onopen).toBeNull();
    expect(() => facade.handleOpen(dataChannel)).not.toThrow();
  });
});
