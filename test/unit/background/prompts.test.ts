import { describe, expect, it } from 'vitest';
import { FakeBackground } from '../../support/fakes/background';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';

const ELSEWHERE = 'https://elsewhere.example';

describe('prompts', () => {
  it('opens one over the window that asked', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument({ tabId: 2 }));
    expect(background.windows.opened).toEqual([{ promptId: 'prompt-1', over: 20 }]);
  });

  it('opens one for an origin, however many ask', async () => {
    const background = new FakeBackground();
    const asked = await Promise.all(
      Array.from({ length: 50 }, (_, number) => background.ask(siteDocument({ tabId: 1 + (number % 3) }))),
    );
    expect(background.open).toEqual(['prompt-1']);
    await background.answer('always');
    const replies = await Promise.all(asked.map(({ reply }) => reply));
    expect(replies.every(({ status }) => status === 'admitted')).toBe(true);
    expect(background.open).toEqual([]);
  });

  it('opens one for each site', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument());
    await background.ask(siteDocument({ origin: ELSEWHERE, tabId: 2 }));
    await background.ask(siteDocument({ topOrigin: ELSEWHERE, tabId: 3 }));
    expect(background.open).toEqual(['prompt-1', 'prompt-2', 'prompt-3']);
  });

  it('opens one at a time in a tab, however many sites are embedded there', async () => {
    const background = new FakeBackground();
    const asked = [await background.ask(siteDocument())];
    for (let n = 1; n <= 3; n++) {
      asked.push(await background.ask(siteDocument({ origin: `https://${n}.example`, topOrigin: ORIGIN })));
    }
    for (const { reply } of asked) {
      expect(background.open).toHaveLength(1);
      await background.answer('once');
      expect(await reply).toMatchObject({ status: 'admitted' });
      await background.settled();
    }
    expect(background.open).toEqual([]);
  });

  it('stops after three that nobody answered, also where each was about another embedded site', async () => {
    const background = new FakeBackground();
    const replies = Array.from({ length: 50 }, async (_, n) => {
      const document = siteDocument({ origin: `https://${n}.example`, topOrigin: ORIGIN });
      return (await background.ask(document)).reply;
    });
    for (let n = 0; n < 3; n++) {
      await background.settled();
      await background.answer('dismiss');
    }
    const answers = await Promise.all(replies);
    expect(answers.filter(({ status }) => status === 'denied')).toHaveLength(50);
    expect(background.windows.opened).toHaveLength(3);
    expect(await (await background.ask(siteDocument())).reply).toMatchObject({ status: 'denied' });
    const elsewhere = siteDocument({ origin: 'https://0.example', tabId: 2 });
    await background.ask(elsewhere);
    expect(background.open).toHaveLength(1);
  });

  it('does not wait for one of the tab whose window is gone', async () => {
    const former = new FakeBackground();
    await former.ask(siteDocument());
    former.windows.shown.clear();
    const background = new FakeBackground(former);
    await background.ask(siteDocument({ origin: ELSEWHERE, topOrigin: ORIGIN }));
    expect(background.open).toEqual(['prompt-2']);
    expect(await background.prompts.describe('prompt-1', 101)).toBeNull();
  });

  it('keeps a prompt that another tab still needs', async () => {
    const background = new FakeBackground();
    const one = await background.ask(siteDocument({ tabId: 1 }));
    const two = await background.ask(siteDocument({ tabId: 2 }));
    await background.ledger.allowOnce(siteDocument().site, [{ tabId: 1, tabOrigin: ORIGIN }]);
    await background.prompts.review();
    expect(await one.reply).toMatchObject({ status: 'admitted' });
    await background.settled();
    expect(background.open).toEqual(['prompt-1']);
    await background.answer('block');
    expect(await two.reply).toMatchObject({ status: 'denied' });
  });

  it('asks a private window apart from the others', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument());
    await background.ask(siteDocument({ isPrivate: true, tabId: 2 }));
    expect(background.open).toHaveLength(2);
  });

  it('comes to the front for another tab, and stays where it is for the same', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument());
    await background.ask(siteDocument());
    expect(background.windows.focused).toEqual([]);
    await background.ask(siteDocument({ tabId: 2 }));
    expect(background.windows.focused).toEqual([101]);
  });

  it('denies for now when its window is closed, and asks again the next time', async () => {
    const background = new FakeBackground();
    const { reply } = await background.ask(siteDocument());
    background.windows.shown.delete(101);
    await background.prompts.windowClosed(101);
    expect(await reply).toMatchObject({ status: 'denied' });
    expect(Object.keys(background.local.records)).toEqual(['log']);
    await background.ask(siteDocument());
    expect(background.open).toEqual(['prompt-2']);
  });

  it('allows for this time in every tab that waits', async () => {
    const background = new FakeBackground();
    const asked = [await background.ask(siteDocument({ tabId: 1 })), await background.ask(siteDocument({ tabId: 2 }))];
    await background.answer('once');
    for (const { reply } of asked) expect(await reply).toMatchObject({ status: 'admitted' });
    await background.ask(siteDocument({ tabId: 3 }));
    expect(background.open).toEqual(['prompt-2']);
    expect(Object.keys(background.local.records)).toEqual(['log']);
  });

  it('closes when the last tab that waits is closed or goes elsewhere', async () => {
    const background = new FakeBackground();
    const first = await background.ask(siteDocument({ tabId: 1 }));
    await background.ask(siteDocument({ tabId: 2 }));
    await background.prompts.tabShows(1, ELSEWHERE, false);
    expect(background.open).toEqual(['prompt-1']);
    await background.prompts.tabShows(2, undefined, false);
    expect(background.open).toEqual([]);
    expect(await first.reply).toMatchObject({ status: 'denied' });
  });

  it('closes when the page that waits is reloaded, and stays when it changes its address', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument());
    await background.prompts.tabShows(1, ORIGIN, false);
    expect(background.open).toEqual(['prompt-1']);
    await background.prompts.tabShows(1, ORIGIN, true);
    expect(background.open).toEqual([]);
  });

  it('is joined by those who ask again after the worker was ended', async () => {
    const document = siteDocument();
    const former = new FakeBackground();
    await former.ask(document);
    const background = new FakeBackground(former);
    const { reply } = await background.ask(document);
    expect(background.windows.opened).toHaveLength(1);
    await background.answer('always');
    expect(await reply).toMatchObject({ status: 'admitted' });
  });

  it('takes an answer although the worker was ended and nobody has asked again', async () => {
    const former = new FakeBackground();
    await former.ask(siteDocument());
    const background = new FakeBackground(former);
    expect(await background.answer('block')).toBe(true);
    expect(background.local.records[`grant:${ORIGIN}`]).toMatchObject({ decision: 'block' });
  });

  it('opens no more for a request that comes while another is being answered', async () => {
    const background = new FakeBackground();
    const first = await background.ask(siteDocument());
    const answered = background.answer('always');
    // It has read by now that nothing is decided.
    const { reply } = await background.ask(siteDocument());
    await answered;
    expect(await Promise.all([first.reply, reply])).toMatchObject([{ status: 'admitted' }, { status: 'admitted' }]);
    expect(background.windows.opened).toHaveLength(1);
  });

  it('opens again where the worker was ended before the window was made', async () => {
    const document = siteDocument();
    const former = new FakeBackground();
    await former.ask(document);
    former.windows.shown.clear();
    const background = new FakeBackground(former);
    await background.ask(document);
    expect(background.open).toEqual(['prompt-1']);
  });

  it('learns its window from the page in it', async () => {
    const former = new FakeBackground();
    await former.ask(siteDocument());
    const record = former.session.records['prompt:prompt-1'] as { windowId?: number };
    delete record.windowId;
    const background = new FakeBackground(former);
    await background.prompts.describe('prompt-1', 101);
    await background.prompts.windowClosed(101);
    expect(background.session.records).not.toHaveProperty('prompt:prompt-1');
  });

  it('answers nothing about a prompt that is no longer needed', async () => {
    const background = new FakeBackground();
    expect(await background.prompts.describe('prompt-9', 1)).toBeNull();
    expect(await background.prompts.answer('prompt-9', 'always')).toBe(false);
  });

  it('asks nothing for a tab that is closed already', async () => {
    const background = new FakeBackground();
    background.tabs.delete(1);
    const { reply } = await background.ask(siteDocument());
    expect(await reply).toMatchObject({ status: 'denied' });
    expect(background.open).toEqual([]);
  });
});
