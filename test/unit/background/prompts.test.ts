import { describe, expect, it } from 'vitest';
import type { AdmitReply, SiteDocument } from '../../../src/protocol/control-messages';
import { FakeBackground, peerStart, tabInFront } from '../../support/fakes/background';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';

const ELSEWHERE = 'https://elsewhere.example';

describe('prompts', () => {
  it('opens one over the window that asked', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument({ tabId: 2 }));
    expect(background.windows.opened).toEqual([{ promptId: 'prompt-1', over: 20, hasFocus: true }]);
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

  it('stops after three answers of “Block”, each about another subdomain that the page embeds', async () => {
    const background = new FakeBackground();
    const frame = (n: number) => siteDocument({ origin: `https://a${n}.evil.example`, topOrigin: ORIGIN });
    for (let n = 1; n <= 3; n++) {
      const { reply } = await background.ask(frame(n));
      await background.answer('block');
      expect(await reply).toMatchObject({ status: 'denied', message: expect.stringContaining('blocked') as string });
    }
    const silenced = [frame(4), siteDocument(), siteDocument({ origin: 'https://other.chat.example', tabId: 2 })];
    for (const document of silenced) {
      const { reply } = await background.ask(document);
      expect(await reply).toMatchObject({
        status: 'denied',
        message: expect.stringContaining('no longer asks') as string,
      });
    }
    expect(background.windows.opened).toHaveLength(3);
    expect((await background.log.all())[0]).toMatchObject({ what: 'muted', origin: 'https://a3.evil.example' });
  });

  it('go on after an answer that allows the page, and not after one that allows what it embeds', async () => {
    const background = new FakeBackground();
    const frame = (n: number) => siteDocument({ origin: `https://${n}.example`, topOrigin: ORIGIN });
    const outcomes = async (...answers: ['once' | 'dismiss', SiteDocument][]) => {
      for (const [answer, document] of answers) {
        await background.ask(document);
        await background.answer(answer);
      }
    };
    await outcomes(['dismiss', frame(1)], ['dismiss', frame(2)], ['once', siteDocument()]);
    await outcomes(['dismiss', frame(3)], ['dismiss', frame(4)], ['once', frame(5)], ['dismiss', frame(6)]);
    expect(background.windows.opened).toHaveLength(7);
    const { reply } = await background.ask(frame(7));
    expect(await reply).toMatchObject({ message: expect.stringContaining('no longer asks') as string });
  });

  it('of one site do not wait for the window of another, nor for all that a page asks', async () => {
    const background = new FakeBackground();
    const { windows } = background;
    const open = windows.open.bind(windows);
    // The browser never gets the hostile page's window ready.
    windows.open = (promptId, over, hasFocus) =>
      over === 10 ? new Promise(() => undefined) : open(promptId, over, hasFocus);
    for (let n = 0; n < 2000; n++) void background.admission.admit(siteDocument(), peerStart());
    for (let n = 0; n < 1000; n++) {
      const frame = siteDocument({ origin: `https://${n}.example`, topOrigin: ORIGIN });
      void background.admission.admit(frame, peerStart());
    }
    const { reply } = await background.ask(siteDocument({ origin: ELSEWHERE, tabId: 2 }));
    expect(windows.opened).toEqual([{ promptId: expect.any(String) as string, over: 20, hasFocus: true }]);
    await background.answer('always');
    expect(await reply).toMatchObject({ status: 'admitted' });
    // Had each request written something, this site's would have had to wait for all of it.
    expect(background.session.writes.filter((key) => /^(prompt|tab):/.test(key)).length).toBeLessThan(10);
  });

  it('are waited for by so many documents, and those beyond are refused in words', async () => {
    const background = new FakeBackground();
    const replies: Promise<AdmitReply>[] = [];
    for (let n = 0; n < 200; n++) replies.push((await background.ask(siteDocument())).reply);
    const isRefused = ({ status, ...reply }: AdmitReply) =>
      status === 'denied' && 'message' in reply && reply.message.startsWith('Too many documents are waiting');
    const refused = await Promise.all(replies.slice(128));
    expect(refused.filter(isRefused)).toHaveLength(72);
    await background.answer('always');
    const admitted = await Promise.all(replies.slice(0, 128));
    expect(admitted.filter(({ status }) => status === 'admitted')).toHaveLength(128);
  });

  it('make room for a document when another’s page is gone', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument({ tabId: 2 }));
    for (let n = 0; n < 127; n++) await background.ask(siteDocument());
    await background.prompts.tabShows(1, ELSEWHERE, false);
    const { reply } = await background.ask(siteDocument({ tabId: 3 }));
    await background.answer('once');
    expect(await reply).toMatchObject({ status: 'admitted' });
  });

  it('are refused in words where the browser opens no window, and asked again the next time', async () => {
    const background = new FakeBackground();
    const { windows } = background;
    const open = windows.open.bind(windows);
    windows.open = () => Promise.reject(new Error('no windows here'));
    const { reply } = await background.ask(siteDocument());
    expect(await reply).toMatchObject({
      status: 'denied',
      message: expect.stringContaining('could not open the window') as string,
    });
    windows.open = open;
    await background.ask(siteDocument());
    expect(background.open).toHaveLength(1);
  });

  it('close the window that comes after its site was decided about', async () => {
    const background = new FakeBackground();
    const { windows } = background;
    const open = windows.open.bind(windows);
    let show!: () => void;
    const shown = new Promise<void>((resolve) => (show = resolve));
    windows.open = (...request) => shown.then(() => open(...request));
    const { reply } = await background.ask(siteDocument());
    await background.ledger.decide(siteDocument().site, 'allow');
    await background.prompts.review();
    expect(await reply).toMatchObject({ status: 'admitted' });
    show();
    await background.settled();
    expect([windows.opened.length, windows.shown.size]).toEqual([1, 0]);
  });

  it('take no focus from the window that the user is in', async () => {
    const background = new FakeBackground();
    background.tabs.set(1, tabInFront({ hasFocus: false }));
    background.tabs.set(2, tabInFront({ windowId: 20, hasFocus: false }));
    await background.ask(siteDocument());
    await background.ask(siteDocument({ tabId: 2 }));
    expect(background.windows.opened).toMatchObject([{ hasFocus: false }]);
    expect(background.windows.focused).toEqual([]);
    await background.prompts.reveal(siteDocument().site);
    expect(background.windows.focused).toEqual([101]);
  });

  it('tell documents of each decision, and of no dismissal', async () => {
    const background = new FakeBackground();
    for (const [answer, told] of [
      ['dismiss', 0],
      ['once', 1],
    ] as const) {
      await background.ask(siteDocument());
      await background.answer(answer);
      expect(background.decisions).toBe(told);
    }
    await background.prompts.review();
    expect(background.decisions).toBe(2);
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
