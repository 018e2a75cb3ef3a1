import { describe, expect, it } from 'vitest';
import { Departures } from '../../../extension/background/departures';
import { watchWaiting } from '../../../extension/background/waiting-links';
import type { DepartureListeners } from '../../../extension/platform/tabs';
import { FakeBackground, tabInFront } from '../../support/fakes/background';
import { ORIGIN, siteDocument, type DocumentOptions } from '../../support/fakes/site-documents';

const ELSEWHERE = 'https://elsewhere.example';

function makeWaiting(background = new FakeBackground()) {
  const left: number[] = [];
  const watch = { isOn: false };
  let listeners!: DepartureListeners;
  const leaveTab = async (tabId: number) => void left.push(tabId);
  const tabInfo = async (tabId: number) => background.tabs.get(tabId);
  const departures = new Departures({
    ledger: background.ledger,
    prompts: background.prompts,
    onLeft: leaveTab,
    createWatch: (given) => {
      listeners = given;
      return { start: () => (watch.isOn = true), stop: () => (watch.isOn = false) };
    },
    tabInfo,
    hasPrivateWindow: async () => false,
  });
  /** What a document had waits, and the tab shows `url` by then. */
  const wait = async (url?: string, options: DocumentOptions = {}) => {
    if (url !== undefined) background.tabs.set(1, tabInFront({ url }));
    const onKept = (tabId: number) => departures.noteKeptFor(tabId);
    await watchWaiting({ ledger: background.ledger, tabInfo, onKept, leaveTab }, siteDocument(options));
    await background.settled();
  };
  return { background, left, watch, wait, tabs: () => listeners };
}

describe('links that wait', () => {
  it('wait while the tab shows their site, and somebody listens for its leaving', async () => {
    const { wait, left, watch, background } = makeWaiting();
    await background.settled();
    await wait();
    expect([left, watch.isOn]).toEqual([[], true]);
  });

  it('end at once where the tab shows another site already', async () => {
    const { wait, left, background } = makeWaiting();
    await wait(`${ELSEWHERE}/`);
    expect(left).toEqual([1]);
    expect(background.session.records).toEqual({});
  });

  it('end at once where the tab is closed', async () => {
    const { wait, left, background } = makeWaiting();
    background.tabs.delete(1);
    await wait();
    expect(left).toEqual([1]);
    expect(background.session.records).toEqual({});
  });

  it('end when the tab goes on to another site, once', async () => {
    const { wait, left, watch, background, tabs } = makeWaiting();
    await wait();
    tabs().tabUpdated(1, `${ORIGIN}/other`, false);
    await background.settled();
    expect(left).toEqual([]);
    tabs().tabUpdated(1, `${ELSEWHERE}/`, false);
    tabs().tabUpdated(1, `${ELSEWHERE}/`, false);
    await background.settled();
    expect(left).toEqual([1]);
    expect(watch.isOn).toBe(false);
  });

  it('end when the tab is closed', async () => {
    const { wait, left, background, tabs } = makeWaiting();
    await wait();
    tabs().tabClosed(2);
    await background.settled();
    expect(left).toEqual([]);
    tabs().tabClosed(1);
    await background.settled();
    expect(left).toEqual([1]);
  });

  it('end when the tab leaves in another run of the worker', async () => {
    const { wait, background } = makeWaiting();
    await wait();
    const { left, tabs } = makeWaiting(new FakeBackground(background));
    tabs().tabClosed(1);
    await background.settled();
    expect(left).toEqual([1]);
  });

  it('of an embedded site wait while the tab shows the page around it', async () => {
    const { wait, left, background, tabs } = makeWaiting();
    await wait('https://news.example/', { topOrigin: 'https://news.example' });
    expect(left).toEqual([]);
    tabs().tabUpdated(1, `${ORIGIN}/`, false);
    await background.settled();
    expect(left).toEqual([1]);
  });

  // A document of the site that is shown under `about:blank` is still the site's.
  it('end where the address names no origin: no page of the site comes there', async () => {
    const { wait, left } = makeWaiting();
    await wait('about:blank');
    expect(left).toEqual([1]);
  });

  it('disturb nothing else that is kept for the tab', async () => {
    const { wait, background } = makeWaiting();
    const document = siteDocument();
    await background.ledger.lease(document, { id: 'a', secret: 's' }, false, { tabId: 1, tabOrigin: ORIGIN });
    const before = structuredClone(background.session.records);
    await wait();
    expect(background.session.records).toEqual(before);
  });

  it('end where the tab leaves while that is written down', async () => {
    const { wait, left, background } = makeWaiting();
    const { ledger } = background;
    const recordTab = ledger.recordTab.bind(ledger);
    ledger.recordTab = async (...tab) => {
      const isNews = await recordTab(...tab);
      background.tabs.set(1, tabInFront({ url: ELSEWHERE }));
      return isNews;
    };
    await wait();
    expect(left).toEqual([1]);
    expect(background.session.records).toEqual({});
  });
});
