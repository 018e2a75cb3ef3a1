import { describe, expect, it } from 'vitest';
import { Departures } from '../../../extension/background/departures';
import { storeIdentity } from '../../../extension/background/identities';
import type { DepartureListeners } from '../../../extension/platform/tabs';
import { FakeBackground, tabInFront } from '../../support/fakes/background';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';

const identity = { id: 'a', secret: 'secret' };

function makeDepartures(background = new FakeBackground()) {
  const watch = { isOn: false, hasPrivateWindow: false };
  let listeners!: DepartureListeners;
  const left: number[] = [];
  const departures = new Departures({
    ledger: background.ledger,
    prompts: background.prompts,
    onLeft: async (tabId) => void left.push(tabId),
    createWatch: (given) => {
      listeners = given;
      return { start: () => (watch.isOn = true), stop: () => (watch.isOn = false) };
    },
    tabInfo: async (id) => background.tabs.get(id),
    hasPrivateWindow: async () => watch.hasPrivateWindow,
  });
  const lease = (
    tabId = 1,
    { isPrivate = false, isNamed = false, tabInfo = async (id: number) => background.tabs.get(id) } = {},
  ) =>
    storeIdentity(
      { ledger: background.ledger, tabInfo, onLease: (tabId) => void departures.expectFor(tabId) },
      siteDocument({ tabId, isPrivate }),
      identity,
      isNamed,
    );
  return { background, watch, departures, lease, left, tabs: () => listeners };
}

describe('departures', () => {
  it('listens at start for the event that woke the worker, and stops if no temporary state is stored', async () => {
    const { watch, background } = makeDepartures();
    expect(watch.isOn).toBe(true);
    await background.settled();
    expect(watch.isOn).toBe(false);
  });

  it('listens from the first lease until the tab is gone', async () => {
    const { watch, background, lease, tabs } = makeDepartures();
    await background.settled();
    await lease();
    expect(watch.isOn).toBe(true);
    tabs().tabUpdated(1, `${ORIGIN}/other`, false);
    await background.settled();
    expect(watch.isOn).toBe(true);
    tabs().tabClosed(1);
    await background.settled();
    expect(watch.isOn).toBe(false);
    expect(background.session.records).toEqual({});
  });

  it('keeps listening in a new run of the worker', async () => {
    const { background, lease } = makeDepartures();
    await lease();
    const { watch } = makeDepartures(new FakeBackground(background));
    await background.settled();
    expect(watch.isOn).toBe(true);
  });

  it('ends a lease when the browser hides the address of the tab’s page', async () => {
    const { background, lease, tabs } = makeDepartures();
    await lease();
    tabs().tabUpdated(1, undefined, false);
    await background.settled();
    expect(background.session.records).toEqual({});
  });

  it('stores no lease for a tab that has navigated away meanwhile', async () => {
    const { background, lease } = makeDepartures();
    background.tabs.set(1, tabInFront({ url: 'https://elsewhere.example/' }));
    await lease();
    expect(background.session.records).toEqual({});
  });

  it('deletes a lease whose tab closed while the lease was being stored', async () => {
    const { background, watch, lease } = makeDepartures();
    await background.settled();
    const tab = background.tabs.get(1)!;
    await lease(1, {
      tabInfo: async () => {
        background.tabs.delete(1);
        return tab;
      },
    });
    await background.settled();
    expect(background.session.records).toEqual({});
    expect(watch.isOn).toBe(false);
  });

  it('reports when a tab leaves the origin that state was stored for, and reports no other tab', async () => {
    const { background, lease, left, tabs } = makeDepartures();
    await lease();
    tabs().tabUpdated(1, `${ORIGIN}/other`, true);
    tabs().tabUpdated(2, 'https://elsewhere.example/', false);
    tabs().tabClosed(3);
    await background.settled();
    expect(left).toEqual([]);
    tabs().tabUpdated(1, 'https://elsewhere.example/', false);
    await background.settled();
    tabs().tabClosed(1);
    await background.settled();
    expect(left).toEqual([1]);
  });

  it('does not listen for the sake of a permanently saved ID', async () => {
    const { background, watch, lease } = makeDepartures();
    await background.settled();
    await lease(1, { isNamed: true });
    await background.settled();
    expect(watch.isOn).toBe(false);
  });

  it('denies the request when the prompt’s window is closed', async () => {
    const { background, tabs } = makeDepartures();
    const { reply } = await background.ask(siteDocument());
    tabs().windowClosed(101);
    expect(await reply).toMatchObject({ status: 'denied' });
  });

  it('deletes the state of private windows when the last one closes', async () => {
    const { background, watch, lease, tabs } = makeDepartures();
    await lease(1, { isPrivate: true });
    watch.hasPrivateWindow = true;
    tabs().windowClosed(1);
    await background.settled();
    expect(background.session.records).toHaveProperty([`private:identity:${ORIGIN}`]);
    watch.hasPrivateWindow = false;
    tabs().windowClosed(2);
    tabs().tabClosed(1);
    await background.settled();
    expect(background.session.records).toEqual({});
  });

  it('deletes private state that is stored after the last private window closed', async () => {
    const { background, watch, lease, tabs } = makeDepartures();
    await background.settled();
    background.tabs.delete(1);
    tabs().tabClosed(1);
    tabs().windowClosed(1);
    await background.settled();
    await lease(1, { isPrivate: true, isNamed: true });
    await background.settled();
    expect(background.session.records).toEqual({});
    expect(watch.isOn).toBe(false);
  });
});
