import { describe, expect, it } from 'vitest';
import { FakeBackground, peerStart, tabInFront } from '../../support/fakes/background';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';

/** The mark that the document's content script has read from the site's storage. */
const MARKED = { status: 'marked', value: '0123456789abcdef'.repeat(2) } as const;

async function makeAllowed(): Promise<FakeBackground> {
  const background = new FakeBackground();
  background.local.records[`grant:${ORIGIN}`] = { decision: 'allow', servers: [], decidedAt: 1 };
  return background;
}

describe('admission of a document that may not ask yet', () => {
  const TOP = 'https://news.example';
  const frame = () => siteDocument({ topOrigin: TOP });

  it('makes a frame of another site wait until the user has clicked or typed in it', async () => {
    const background = new FakeBackground();
    background.tabs.set(1, tabInFront({ url: `${TOP}/` }));
    const document = frame();
    expect(await background.admission.attach(document, peerStart(), MARKED, false)).toEqual({ status: 'not-yet' });
    expect(background.windows.opened).toEqual([]);
    const reply = background.admission.attach(document, peerStart(), MARKED, true);
    await background.settled();
    await background.answer('always');
    expect(await reply).toMatchObject({ status: 'admitted' });
  });

  it('makes a frame of the page’s own site wait if another site’s frame lies between them', async () => {
    const background = new FakeBackground();
    const nested = siteDocument({ ancestors: ['https://widgets.example'], topOrigin: ORIGIN });
    expect(await background.admission.attach(nested, peerStart(), MARKED, false)).toEqual({ status: 'not-yet' });
  });

  it('makes a page wait until its tab is in front, even if the user has clicked or typed in it', async () => {
    const background = new FakeBackground();
    const document = siteDocument();
    background.tabs.set(1, tabInFront({ isInFront: false, hasFocus: false }));
    expect(await background.admission.attach(document, peerStart(), MARKED, true)).toEqual({ status: 'not-yet' });
    expect(background.windows.opened).toEqual([]);
    background.tabs.set(1, tabInFront());
    void background.admission.attach(document, peerStart(), MARKED, false);
    await background.settled();
    expect(background.open).toHaveLength(1);
  });

  it('admits or denies at once if the user has already decided', async () => {
    const background = await makeAllowed();
    background.tabs.set(1, tabInFront({ isInFront: false, hasFocus: false }));
    const blocked = siteDocument({ origin: 'https://blocked.example', topOrigin: TOP });
    background.local.records['grant:https://blocked.example'] = { decision: 'block', servers: [], decidedAt: 1 };
    expect(await background.admission.attach(siteDocument(), peerStart(), MARKED, false)).toMatchObject({
      status: 'admitted',
    });
    expect(await background.admission.attach(blocked, peerStart(), MARKED, false)).toMatchObject({ status: 'denied' });
  });

  it('records the tab, so that decisions are announced to it, and an embedded site for the panel', async () => {
    const background = new FakeBackground();
    background.tabs.set(2, tabInFront({ isInFront: false, hasFocus: false }));
    await background.admission.attach(siteDocument({ tabId: 2 }), peerStart(), MARKED, false);
    await background.admission.attach(frame(), peerStart(), MARKED, false);
    expect(await background.ledger.tabs.tabsWithRecord()).toEqual([2, 1]);
    expect(await background.ledger.tabs.embeddedIn({ tabId: 1, tabOrigin: TOP })).toEqual([`${ORIGIN} ${TOP}`]);
    expect(background.keptForTabs).toEqual([2, 1]);
  });

  it('does not miss a decision made just before the tab is recorded', async () => {
    const background = new FakeBackground();
    const { ledger, local } = background;
    background.tabs.set(1, tabInFront({ isInFront: false, hasFocus: false }));
    const recordTab = ledger.tabs.recordTab.bind(ledger.tabs);
    ledger.tabs.recordTab = async (...note) => {
      local.records[`grant:${ORIGIN}`] = { decision: 'allow', servers: [], decidedAt: 1 };
      return recordTab(...note);
    };
    expect(await background.admission.attach(siteDocument(), peerStart(), MARKED, false)).toMatchObject({
      status: 'admitted',
    });
  });

  it('denies a further Peer with an explanation, after asking the document whether the user has acted in it', async () => {
    const background = new FakeBackground();
    const document = frame();
    background.unused.add(document.documentId);
    const { reply } = await background.ask(document);
    expect(await reply).toMatchObject({
      status: 'denied',
      message: expect.stringContaining('clicked or typed in it') as string,
    });
    background.unused.clear();
    await background.ask(document);
    expect(background.open).toHaveLength(1);
  });

  it('lets a document rejoin the open prompt of its tab, even if the tab is no longer in front', async () => {
    const document = siteDocument();
    const former = new FakeBackground();
    await former.ask(document);
    const background = new FakeBackground(former);
    background.tabs.set(1, tabInFront({ isInFront: false, hasFocus: false }));
    const reply = background.admission.attach(document, peerStart(), MARKED, false);
    await background.settled();
    await background.answer('always');
    expect(await reply).toMatchObject({ status: 'admitted' });
    expect([background.windows.opened.length, background.windows.focused]).toEqual([1, []]);
  });

  it('denies a document nested in frames of more sites than a prompt can name', async () => {
    const background = new FakeBackground();
    const ancestors = [1, 2, 3, 4, 5].map((n) => `https://${n}.example`);
    const deep = siteDocument({ ancestors, topOrigin: TOP });
    expect(await background.admission.attach(deep, peerStart(), MARKED, true)).toMatchObject({
      status: 'denied',
      message: expect.stringContaining('more than 4 other sites') as string,
    });
  });

  it('does not apply a decision about a site in a page to the same site inside another site’s frame there', async () => {
    const background = new FakeBackground();
    background.local.records[`grant:${ORIGIN} ${TOP}`] = { decision: 'allow', servers: [], decidedAt: 1 };
    expect(await background.admission.admit(frame(), peerStart())).toMatchObject({ status: 'admitted' });
    const nested = siteDocument({ ancestors: ['https://widgets.example'], topOrigin: TOP });
    const { reply } = await background.ask(nested);
    await background.answer('always');
    expect(await reply).toMatchObject({ status: 'admitted' });
    expect(background.local.records).toHaveProperty([`grant:${ORIGIN} https://widgets.example ${TOP}`]);
  });
});
