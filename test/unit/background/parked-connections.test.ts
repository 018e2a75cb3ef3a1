import { describe, expect, it } from 'vitest';
import { Departures } from '../../../extension/background/departures';
import { watchParkedConnections } from '../../../extension/background/parked-connections';
import type { DepartureListeners } from '../../../extension/platform/tabs';
import { FakeBackground, tabInFront } from '../../support/fakes/background';
import { ORIGIN, siteDocument, type DocumentOptions } from '../../support/fakes/site-documents';

const ELSEWHERE = 'https://elsewhere.example';

function makeParked(background = new FakeBackground()) {
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
  const park = async (url?: string, options: DocumentOptions = {}) => {
    if (url !== undefined) background.tabs.set(1, tabInFront({ url }));
    const onStored = (tabId: number) => departures.expectFor(tabId);
    await watchParkedConnections({ ledger: background.ledger, tabInfo, onStored, leaveTab }, siteDocument(options));
    await background.settled();
  };
  return { background, left, watch, park, tabs: () => listeners };
}

describe('parked connections', () => {
  it('stay while the tab shows their site, and the tab is watched', async () => {
    const { park, left, watch, background } = makeParked();
    await background.settled();
    await park();
    expect([left, watch.isOn]).toEqual([[], true]);
  });

  it('end at once if the tab already shows another site', async () => {
    const { park, left, background } = makeParked();
    await park(`${ELSEWHERE}/`);
    expect(left).toEqual([1]);
    expect(background.session.records).toEqual({});
  });

  it('end at once if the tab is closed', async () => {
    const { park, left, background } = makeParked();
    background.tabs.delete(1);
    await park();
    expect(left).toEqual([1]);
    expect(background.session.records).toEqual({});
  });

  it('end once when the tab navigates to another site', async () => {
    const { park, left, watch, background, tabs } = makeParked();
    await park();
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
    const { park, left, background, tabs } = makeParked();
    await park();
    tabs().tabClosed(2);
    await background.settled();
    expect(left).toEqual([]);
    tabs().tabClosed(1);
    await background.settled();
    expect(left).toEqual([1]);
  });

  it('end when the tab leaves in another run of the worker', async () => {
    const { park, background } = makeParked();
    await park();
    const { left, tabs } = makeParked(new FakeBackground(background));
    tabs().tabClosed(1);
    await background.settled();
    expect(left).toEqual([1]);
  });

  it('of an embedded site stay while the tab shows the page around it', async () => {
    const { park, left, background, tabs } = makeParked();
    await park('https://news.example/', { topOrigin: 'https://news.example' });
    expect(left).toEqual([]);
    tabs().tabUpdated(1, `${ORIGIN}/`, false);
    await background.settled();
    expect(left).toEqual([1]);
  });

  // An `about:blank` document has the site's origin, but the tab's address does not show it.
  it('end if the tab’s address has no origin, because no page of the site can follow there', async () => {
    const { park, left } = makeParked();
    await park('about:blank');
    expect(left).toEqual([1]);
  });

  it('leave other records of the tab unchanged', async () => {
    const { park, background } = makeParked();
    const document = siteDocument();
    await background.ledger.lease(document, { id: 'a', secret: 's' }, false, { tabId: 1, tabOrigin: ORIGIN });
    const before = structuredClone(background.session.records);
    await park();
    expect(background.session.records).toEqual(before);
  });

  it('end if the tab leaves while its record is being stored', async () => {
    const { park, left, background } = makeParked();
    const { ledger } = background;
    const recordTab = ledger.tabs.recordTab.bind(ledger.tabs);
    ledger.tabs.recordTab = async (...tab) => {
      const isNews = await recordTab(...tab);
      background.tabs.set(1, tabInFront({ url: ELSEWHERE }));
      return isNews;
    };
    await park();
    expect(left).toEqual([1]);
    expect(background.session.records).toEqual({});
  });
});
