import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FlowWindow, WindowBudget } from '../../../../src/engine/data/flow-window';
import { FakeDataChannel } from '../../../support/fakes/data-channel';
import { seededRandom } from '../../../support/random-values';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Small credits are delayed. */
const wait = (): void => void vi.advanceTimersByTime(16);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function makeFlow(budget = new WindowBudget(), document: object = {}) {
  const channel = new FakeDataChannel();
  channel.open();
  const credits: number[] = [];
  const windows: number[] = [];
  const flow = new FlowWindow(channel, budget, document, (bytes, window) => {
    credits.push(bytes);
    windows.push(window);
  });
  const send = (bytes: number, overhead = 0): void => {
    channel.send(new ArrayBuffer(bytes + overhead));
    flow.add(bytes);
  };
  const credited = (): number => credits.reduce((sum, bytes) => sum + bytes, 0);
  return { channel, credits, windows, flow, send, credited, budget, document };
}

describe('FlowWindow', () => {
  it('credits nothing back while the channel holds the bytes', () => {
    const { send, credits, flow } = makeFlow();
    send(100 * KIB);
    expect(credits).toEqual([]);
    expect(flow.onTheWay).toBe(100 * KIB);
  });

  it('credits everything back when the channel has drained', () => {
    const { send, channel, credits, flow } = makeFlow();
    send(100 * KIB);
    send(50 * KIB);
    channel.drain();
    expect(credits).toEqual([150 * KIB]);
    expect(flow.onTheWay).toBe(0);
  });

  it('credits back in quanta while the channel drains', () => {
    const { send, channel, credited } = makeFlow();
    send(MIB);
    for (let drained = 0; drained < MIB; drained += 16 * KIB) {
      channel.drain(16 * KIB);
      const late = drained + 16 * KIB - credited();
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(128 * KIB);
    }
    expect(credited()).toBe(MIB);
  });

  it('credits every byte exactly once, however sending and draining mix', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seededRandom(seed);
      const { send, channel, credited, flow } = makeFlow();
      let sent = 0;
      for (let step = 0; step < 60; step++) {
        const bytes = Math.floor(random() ** 3 * 300 * KIB);
        if (random() < 0.5) {
          send(bytes, Math.floor(random() * 100));
          sent += bytes;
        } else {
          channel.drain(bytes);
        }
        if (random() < 0.1) wait();
        expect(credited() + flow.onTheWay, `seed ${seed}`).toBe(sent);
      }
      channel.drain();
      wait();
      expect(credited(), `seed ${seed}`).toBe(sent);
    }
  });

  // A naive `add` would aim a quantum below the channel's present amount and so forget bytes drained since the last aim. A page
  // that sends in time with the network would then get no credit until its window is full and the channel runs empty.
  it('is never more than a quantum late, even if sending and draining alternate', () => {
    const { send, channel, credited } = makeFlow();
    send(200 * KIB);
    let drained = 0;
    for (let n = 0; n < 8; n++) {
      channel.drain(100 * KIB);
      drained += 100 * KIB;
      send(100 * KIB);
    }
    expect(drained - credited()).toBeLessThanOrEqual(128 * KIB);
  });

  it('delays small credits and sends them together', () => {
    const { send, channel, credits } = makeFlow();
    for (let n = 0; n < 3; n++) {
      send(KIB);
      channel.drain();
      vi.advanceTimersByTime(5);
    }
    expect(credits).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(credits).toEqual([3 * KIB]);
  });

  it('leaves no timer when it is closed', () => {
    const { send, channel, flow, credits } = makeFlow();
    send(KIB);
    channel.drain();
    flow.close();
    expect(vi.getTimerCount()).toBe(0);
    wait();
    expect(credits).toEqual([]);
  });

  it('loses no credit for bytes that do not fill a frame yet', () => {
    const { flow, credits } = makeFlow();
    flow.add(5000);
    wait();
    expect(credits).toEqual([5000]);
  });

  it('credits bytes that do not fill a frame yet together with drained bytes', () => {
    const { flow, send, channel, credited } = makeFlow();
    send(10 * KIB);
    flow.add(5000);
    channel.drain();
    wait();
    expect(credited()).toBe(10 * KIB + 5000);
  });

  it('loses no credit to the headers of frames', () => {
    const { send, channel, credited } = makeFlow();
    send(16_300, 31);
    channel.drain(16_300);
    channel.drain();
    wait();
    expect(credited()).toBe(16_300);
  });

  it('credits nothing after it is closed', () => {
    const { send, channel, flow, credits } = makeFlow();
    send(KIB);
    flow.close();
    channel.drain();
    wait();
    expect(credits).toEqual([]);
    expect(flow.onTheWay).toBe(0);
  });

  it('counts its document as busy only while bytes are on the way', () => {
    const budget = new WindowBudget();
    const document = {};
    const flows = Array.from({ length: 200 }, () => makeFlow(budget, document));
    for (const { send } of flows) send(KIB);
    const busyWindow = budget.windowFor(document);
    for (const { channel } of flows.slice(0, 100)) channel.drain();
    wait();
    for (const { flow } of flows.slice(100)) flow.close();
    expect(busyWindow).toBeLessThan(MIB);
    expect(budget.windowFor(document)).toBe(MIB);
  });

  it('does not free the share of others when it is closed twice', () => {
    const budget = new WindowBudget();
    const document = {};
    const flows = Array.from({ length: 128 }, () => makeFlow(budget, document));
    for (const { send } of flows) send(KIB);
    for (let n = 0; n < 100; n++) flows[0]!.flow.close();
    expect(budget.windowFor(document)).toBe(Math.floor((64 * MIB) / 127));
  });
});

describe('WindowBudget', () => {
  it('gives a full window while few connections are busy', () => {
    expect(new WindowBudget().windowFor({})).toBe(MIB);
  });

  it('shares among documents first, however many busy connections each has', () => {
    const budget = new WindowBudget();
    const [crowd, single] = [{}, {}];
    for (let n = 0; n < 100; n++) budget.markBusy(crowd);
    budget.markBusy(single);
    expect(budget.windowFor(crowd)).toBe(Math.floor((32 * MIB) / 100));
    expect(budget.windowFor(single)).toBe(MIB);
  });

  it('never gives less than two segments', () => {
    const budget = new WindowBudget();
    const document = {};
    for (let n = 0; n < 10_000; n++) budget.markBusy(document);
    expect(budget.windowFor(document)).toBe(128 * KIB);
  });

  it('forgets a document that is idle', () => {
    const budget = new WindowBudget();
    const documents = Array.from({ length: 128 }, () => ({}));
    for (const document of documents) budget.markBusy(document);
    expect(budget.windowFor(documents[0]!)).toBe(512 * KIB);
    for (const document of documents.slice(1)) budget.markIdle(document);
    expect(budget.windowFor(documents[0]!)).toBe(MIB);
  });
});
