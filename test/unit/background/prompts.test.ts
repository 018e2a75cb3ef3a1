import { describe, expect, it } from 'vitest';
import type { AdmitReply, SiteDocument } from '../../../src/protocol/control-messages';
import { FakeBackground, peerStart, tabInFront } from '../../support/fakes/background';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';

const ELSEWHERE = 'https://elsewhere.example';

describe('prompts', () => {
  it('open over the window of the tab that asks', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument({ tabId: 2 }));
    expect(background.windows.opened).toEqual([{ promptId: 'prompt-1', over: 20, hasFocus: true }]);
  });

  it('open once per origin, however many documents ask', async () => {
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

  it('open separately for each site', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument());
    await background.ask(siteDocument({ origin: ELSEWHERE, tabId: 2 }));
    await background.ask(siteDocument({ topOrigin: ELSEWHERE, tabId: 3 }));
    expect(background.open).toEqual(['prompt-1', 'prompt-2', 'prompt-3']);
  });

  it('open one at a time per tab, however many sites it embeds', async () => {
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

  it('stop after three dismissals, even if each was about a different embedded site', async () => {
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

  it('stop after three answers of “Block”, even if each was about a different embedded subdomain', async () => {
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

  it('resume after an answer that allows the page, not after one that allows an embedded site', async () => {
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

  it('of one site do not wait for the window or the many requests of another site', async () => {
    const background = new FakeBackground();
    const { windows } = background;
    const open = windows.open.bind(windows);
    // The browser never finishes opening the hostile page's window.
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
    // If each request wrote a record, this site's request would have to wait for all these writes.
    expect(background.session.writes.filter((key) => /^(prompt|tab):/.test(key)).length).toBeLessThan(10);
  });

  it('take a limited number of waiting documents, and deny further ones with an explanation', async () => {
    const background = new FakeBackground();
    const replies: Promise<AdmitReply>[] = [];
    for (let n = 0; n < 200; n++) replies.push((await background.ask(siteDocument())).reply);
    const isRefused = ({ status, ...reply }: AdmitReply) =>
      status === 'denied' && 'message' in reply && reply.message.startsWith('Too many documents wait');
    const refused = await Promise.all(replies.slice(128));
    expect(refused.filter(isRefused)).toHaveLength(72);
    await background.answer('always');
    const admitted = await Promise.all(replies.slice(0, 128));
    expect(admitted.filter(({ status }) => status === 'admitted')).toHaveLength(128);
  });

  it('accept another document when the page of a waiting one is gone', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument({ tabId: 2 }));
    for (let n = 0; n < 127; n++) await background.ask(siteDocument());
    await background.prompts.tabShows(1, ELSEWHERE, false);
    const { reply } = await background.ask(siteDocument({ tabId: 3 }));
    await background.answer('once');
    expect(await reply).toMatchObject({ status: 'admitted' });
  });

  it('deny with an explanation if the browser opens no window, and are tried again for the next request', async () => {
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

  it('close a window that opens after its site was decided about', async () => {
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

  it('do not take the focus from the window that the user is in', async () => {
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

  it('announce each decision to documents, but no dismissal', async () => {
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

  it('do not wait for an earlier prompt of the tab whose window is gone', async () => {
    const former = new FakeBackground();
    await former.ask(siteDocument());
    former.windows.shown.clear();
    const background = new FakeBackground(former);
    await background.ask(siteDocument({ origin: ELSEWHERE, topOrigin: ORIGIN }));
    expect(background.open).toEqual(['prompt-2']);
    expect(await background.prompts.describe('prompt-1', 101)).toBeNull();
  });

  it('stay open while another tab still needs them', async () => {
    const background = new FakeBackground();
    const one = await background.ask(siteDocument({ tabId: 1 }));
    const two = await background.ask(siteDocument({ tabId: 2 }));
    await background.ledger.tabs.allowOnce(siteDocument().site, [{ tabId: 1, tabOrigin: ORIGIN }]);
    await background.prompts.review();
    expect(await one.reply).toMatchObject({ status: 'admitted' });
    await background.settled();
    expect(background.open).toEqual(['prompt-1']);
    await background.answer('block');
    expect(await two.reply).toMatchObject({ status: 'denied' });
  });

  it('are separate for a private window', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument());
    await background.ask(siteDocument({ isPrivate: true, tabId: 2 }));
    expect(background.open).toHaveLength(2);
  });

  it('come to the front for another tab, but not for the same tab', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument());
    await background.ask(siteDocument());
    expect(background.windows.focused).toEqual([]);
    await background.ask(siteDocument({ tabId: 2 }));
    expect(background.windows.focused).toEqual([101]);
  });

  it('deny for now when their window is closed, and open again for the next request', async () => {
    const background = new FakeBackground();
    const { reply } = await background.ask(siteDocument());
    background.windows.shown.delete(101);
    await background.prompts.windowClosed(101);
    expect(await reply).toMatchObject({ status: 'denied' });
    expect(Object.keys(background.local.records)).toEqual(['log']);
    await background.ask(siteDocument());
    expect(background.open).toEqual(['prompt-2']);
  });

  it('allow this time in every waiting tab', async () => {
    const background = new FakeBackground();
    const asked = [await background.ask(siteDocument({ tabId: 1 })), await background.ask(siteDocument({ tabId: 2 }))];
    await background.answer('once');
    for (const { reply } of asked) expect(await reply).toMatchObject({ status: 'admitted' });
    await background.ask(siteDocument({ tabId: 3 }));
    expect(background.open).toEqual(['prompt-2']);
    expect(Object.keys(background.local.records)).toEqual(['log']);
  });

  it('close when the last waiting tab is closed or navigates to another site', async () => {
    const background = new FakeBackground();
    const first = await background.ask(siteDocument({ tabId: 1 }));
    await background.ask(siteDocument({ tabId: 2 }));
    await background.prompts.tabShows(1, ELSEWHERE, false);
    expect(background.open).toEqual(['prompt-1']);
    await background.prompts.tabShows(2, undefined, false);
    expect(background.open).toEqual([]);
    expect(await first.reply).toMatchObject({ status: 'denied' });
  });

  it('close when the waiting page reloads, and stay open when it changes its address', async () => {
    const background = new FakeBackground();
    await background.ask(siteDocument());
    await background.prompts.tabShows(1, ORIGIN, false);
    expect(background.open).toEqual(['prompt-1']);
    await background.prompts.tabShows(1, ORIGIN, true);
    expect(background.open).toEqual([]);
  });

  it('are rejoined by documents that ask again after the worker ended', async () => {
    const document = siteDocument();
    const former = new FakeBackground();
    await former.ask(document);
    const background = new FakeBackground(former);
    const { reply } = await background.ask(document);
    expect(background.windows.opened).toHaveLength(1);
    await background.answer('always');
    expect(await reply).toMatchObject({ status: 'admitted' });
  });

  it('take an answer after the worker ended, even if no document has asked again', async () => {
    const former = new FakeBackground();
    await former.ask(siteDocument());
    const background = new FakeBackground(former);
    expect(await background.answer('block')).toBe(true);
    expect(background.local.records[`grant:${ORIGIN}`]).toMatchObject({ decision: 'block' });
  });

  it('do not open again for a request that arrives while the prompt is being answered', async () => {
    const background = new FakeBackground();
    const first = await background.ask(siteDocument());
    const answered = background.answer('always');
    // By now the second request has read that the site is undecided.
    const { reply } = await background.ask(siteDocument());
    await answered;
    expect(await Promise.all([first.reply, reply])).toMatchObject([{ status: 'admitted' }, { status: 'admitted' }]);
    expect(background.windows.opened).toHaveLength(1);
  });

  it('open again if their window is gone in a new run of the worker', async () => {
    const document = siteDocument();
    const former = new FakeBackground();
    await former.ask(document);
    former.windows.shown.clear();
    const background = new FakeBackground(former);
    await background.ask(document);
    expect(background.open).toEqual(['prompt-1']);
  });

  it('learn their window from the page in it', async () => {
    const former = new FakeBackground();
    await former.ask(siteDocument());
    const record = former.session.records['prompt:prompt-1'] as { windowId?: number };
    delete record.windowId;
    const background = new FakeBackground(former);
    await background.prompts.describe('prompt-1', 101);
    await background.prompts.windowClosed(101);
    expect(background.session.records).not.toHaveProperty('prompt:prompt-1');
  });

  it('ignore an answer to a prompt that is no longer needed', async () => {
    const background = new FakeBackground();
    expect(await background.prompts.describe('prompt-9', 1)).toBeNull();
    expect(await background.prompts.answer('prompt-9', 'always')).toBe(false);
  });

  it('do not open for a tab that is already closed', async () => {
    const background = new FakeBackground();
    background.tabs.delete(1);
    const { reply } = await background.ask(siteDocument());
    expect(await reply).toMatchObject({ status: 'denied' });
    expect(background.open).toEqual([]);
  });
});
