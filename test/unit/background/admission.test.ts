import { describe, expect, it } from 'vitest';
import { Admission } from '../../../extension/background/admission';
import { FakeBackground, peerStart, privateStart } from '../../support/fakes/background';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';

async function makeAllowed(): Promise<FakeBackground> {
  const background = new FakeBackground();
  background.local.records[`grant:${ORIGIN}`] = { decision: 'allow', servers: [], decidedAt: 1 };
  return background;
}

describe('admission', () => {
  it('attaches an allowed document without asking', async () => {
    const background = await makeAllowed();
    const document = siteDocument();
    const start = peerStart();
    expect(await background.admission.attach(document, start)).toEqual({ status: 'admitted', ticket: 'ticket-1' });
    expect(background.expected).toEqual([
      { to: 'host', type: 'expect', ticket: 'ticket-1', document, start, admission: { identities: [] } },
    ]);
    expect(background.open).toEqual([]);
  });

  it('denies a blocked origin, and wakes no host for it', async () => {
    const background = new FakeBackground();
    background.local.records[`grant:${ORIGIN}`] = { decision: 'block', servers: [], decidedAt: 1 };
    const reply = await background.admission.attach(siteDocument(), peerStart());
    expect(reply).toMatchObject({ status: 'denied', message: expect.stringContaining(ORIGIN) as string });
    expect(background.expected).toEqual([]);
  });

  it('tells when the host cannot be had', async () => {
    const { ledger, prompts } = await makeAllowed();
    const expectNobody = () => Promise.reject(new Error('no memory'));
    const admission = new Admission({
      ledger,
      prompts,
      expect: expectNobody,
      createTicket: () => 'ticket',
      isOwn: () => false,
    });
    const reply = await admission.attach(siteDocument(), peerStart());
    expect(reply).toMatchObject({ status: 'failed', message: expect.stringContaining('no memory') as string });
  });

  it('asks about a site that nothing is known of, and lets it in when the user allows it', async () => {
    const background = new FakeBackground();
    const { reply } = await background.ask(siteDocument());
    await background.answer('always');
    expect(await reply).toEqual({ status: 'admitted', admission: { identities: [] } });
    expect(background.local.records[`grant:${ORIGIN}`]).toEqual({ decision: 'allow', servers: [], decidedAt: 42 });
  });

  it('asks an allowed site again about a private server, and names it', async () => {
    const background = await makeAllowed();
    const { reply } = await background.ask(siteDocument(), privateStart());
    const description = await background.prompts.describe('prompt-1', undefined);
    expect(description?.server).toEqual({ label: '192.168.1.20:9000', isPrivate: true });
    await background.answer('always');
    expect(await reply).toMatchObject({ status: 'admitted' });
    expect(background.local.records[`grant:${ORIGIN}`]).toMatchObject({ servers: ['192.168.1.20:9000'] });
  });

  it('asks once more where the answer was about another server', async () => {
    const background = new FakeBackground();
    const first = await background.ask(siteDocument());
    const second = await background.ask(siteDocument(), privateStart());
    expect(background.open).toEqual(['prompt-1']);
    await background.answer('always');
    expect(await first.reply).toMatchObject({ status: 'admitted' });
    await background.settled();
    expect(background.open).toEqual(['prompt-2']);
    await background.answer('dismiss');
    expect(await second.reply).toMatchObject({ status: 'denied' });
  });

  it('gives the identities of the origin', async () => {
    const background = await makeAllowed();
    const identity = { id: 'a', secret: 'secret' };
    background.local.records[`identity:${ORIGIN}`] = { anonymous: [identity], named: [] };
    const reply = await background.admission.admit(siteDocument(), peerStart());
    expect(reply).toEqual({ status: 'admitted', admission: { identities: [identity] } });
  });

  it('gives the route that the user has set for the origin’s calls', async () => {
    const background = await makeAllowed();
    const plain = await background.admission.admit(siteDocument(), peerStart());
    background.local.records[`settings:${ORIGIN}`] = { callRoute: 'direct' };
    const set = await background.admission.admit(siteDocument(), peerStart());
    expect([plain, set]).toEqual([
      { status: 'admitted', admission: { identities: [] } },
      { status: 'admitted', admission: { identities: [], callRoute: 'direct' } },
    ]);
    await background.admission.attach(siteDocument(), peerStart());
    expect(background.expected).toMatchObject([{ admission: { callRoute: 'direct' } }]);
  });
});
