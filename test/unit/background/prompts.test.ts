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

  it('opens one for each origin', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument());
    await background.ask(siteDocument({ origin: ELSEWHERE, topOrigin: ORIGIN }));
    expect(background.open).toEqual(['prompt-1', 'prompt-2']);
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
    expect(background.local.records).toEqual({});
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
    expect(background.local.records).toEqual({});
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
    expect(background.session.records).toEqual({});
  });

  it('answers nothing about a prompt that is no longer needed', async () => {
    const background = new FakeBackground();
    expect(await background.prompts.describe('prompt-9', 1)).toBeNull();
    expect(await background.prompts.answer('prompt-9', 'always')).toBe(false);
  });

  it('lets an opaque document in for this time at most, and stores nothing of it', async () => {
    const background = new FakeBackground();
    const document = siteDocument({ origin: 'null:one', isOpaque: true, topOrigin: ORIGIN });
    const { reply } = await background.ask(document);
    await background.answer('always');
    expect(await reply).toMatchObject({ status: 'admitted' });
    expect(background.local.records).toEqual({});
  });

  it('does not remember that an opaque document was refused', async () => {
    const background = new FakeBackground();
    const document = siteDocument({ origin: 'null:one', isOpaque: true, topOrigin: ORIGIN });
    const { reply } = await background.ask(document);
    await background.answer('block');
    expect(await reply).toMatchObject({ status: 'denied' });
    expect(background.local.records).toEqual({});
  });

  it('asks nothing for a tab that is closed already', async () => {
    const background = new FakeBackground();
    background.tabs.delete(1);
    const { reply } = await background.ask(siteDocument());
    expect(await reply).toMatchObject({ status: 'denied' });
    expect(background.open).toEqual([]);
  });
});
