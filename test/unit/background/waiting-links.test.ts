import { describe, expect, it } from 'vitest';
import { Departures } from '../../../extension/background/departures';
import { watchParked } from '../../../extension/background/waiting-links';
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
  /** The host has parked a document's connections, and the tab shows `url` by then. */
  const wait = async (url?: string, options: DocumentOptions = {}) => {
    if (url !== undefined) background.tabs.set(1, tabInFront({ url }));
    const onStored = (tabId: number) => departures.expectFor(tabId);
    await watchParked({ ledger: background.ledger, tabInfo, onStored, leaveTab }, siteDocument(options));
    await background.settled();
  };
  return { background, left, watch, wait, tabs: () => listeners };
}

describe('parked connections', () => {
  it('stay while the tab shows their site, and the tab is watched', async () => {
    const { wait, left, watch, background } = makeWaiting();
    await background.settled();
    await wait();
    expect([left, watch.isOn]).toEqual([[], true]);
  });

  it('end at once if the tab already shows another site', async () => {
    const { wait, left, background } = makeWaiting();
    await wait(`${ELSEWHERE}/`);
    expect(left).toEqual([1]);
    expect(background.session.records).toEqual({});
  });

  it('end at once if the tab is closed', async () => {
    const { wait, left, background } = makeWaiting();
    background.tabs.delete(1);
    await wait();
    expect(left).toEqual([1]);
    expect(background.session.records).toEqual({});
  });

  it('end once when the tab navigates to another site', async () => {
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

  it('of an embedded site stay while the tab shows the page around it', async () => {
    const { wait, left, background, tabs } = makeWaiting();
    await wait('https://news.example/', { topOrigin: 'https://news.example' });
    expect(left).toEqual([]);
    tabs().tabUpdated(1, `${ORIGIN}/`, false);
    await background.settled();
    expect(left).toEqual([1]);
  });

  // An `about:blank` document has the site's origin, but the tab's address does not show it.
  it('end if the tab’s address has no origin, because no page of the site can follow there', async () => {
    const { wait, left } = makeWaiting();
    await wait('about:blank');
    expect(left).toEqual([1]);
  });

  it('leave other records of the tab unchanged', async () => {
    const { wait, background } = makeWaiting();
    const document = siteDocument();
    await background.ledger.lease(document, { id: 'a', secret: 's' }, false, { tabId: 1, tabOrigin: ORIGIN });
    const before = structuredClone(background.session.records);
    await wait();
    expect(background.session.records).toEqual(before);
  });

  it('end if the tab leaves while its record is being stored', async () => {
    const { wait, left, background } = makeWaiting();
    const { ledger } = background;
    const recordTab = ledger.tabs.recordTab.bind(ledger.tabs);
    ledger.tabs.recordTab = async (...tab) => {
      const isNews = await recordTab(...tab);
      background.tabs.set(1, tabInFront({ url: ELSEWHERE }));
      return isNews;
    };
    await wait();
    expect(left).toEqual([1]);
    expect(background.session.records).toEqual({});
  });
});
