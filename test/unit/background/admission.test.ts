import { describe, expect, it, vi } from 'vitest';
import { DiagnosticLog } from '../../../src/diagnostics/diagnostic-log';
import { AdmissionControl } from '../../../extension/background/admission';
import { CLOUD_SERVER } from '../../../src/protocol/peer-server';
import { FakeBackground, peerStart, privateStart, tabInFront } from '../../support/fakes/background';
import { admissionOf as hostAdmissionOf } from '../../support/fakes/hosted-world';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';

/** The mark that the document's content script has read from the site's storage. */
const MARKED = { status: 'marked', value: '0123456789abcdef'.repeat(2) } as const;

/** The admission that the background gives for `peerStart()`. */
const admissionOf: typeof hostAdmissionOf = (identities, others) =>
  hostAdmissionOf(identities, { server: CLOUD_SERVER, ...others });

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
    expect(await background.admission.attach(document, start, MARKED, false)).toEqual({
      status: 'admitted',
      ticket: 'ticket-1',
    });
    const marked = { ...document, mark: MARKED.value };
    expect(background.expected).toEqual([
      { to: 'host', type: 'expect', ticket: 'ticket-1', document: marked, start, admission: admissionOf() },
    ]);
    expect(background.open).toEqual([]);
  });

  it('denies a blocked origin without starting the host', async () => {
    const background = new FakeBackground();
    background.local.records[`grant:${ORIGIN}`] = { decision: 'block', servers: [], decidedAt: 1 };
    const reply = await background.admission.attach(siteDocument(), peerStart(), MARKED, false);
    expect(reply).toMatchObject({ status: 'denied', message: expect.stringContaining(ORIGIN) as string });
    expect(background.expected).toEqual([]);
  });

  it('denies a document without an origin, without asking the user', async () => {
    const background = new FakeBackground();
    const document = siteDocument({ origin: 'null:one', isOpaque: true, topOrigin: ORIGIN });
    const reply = await background.admission.attach(document, peerStart(), MARKED, false);
    expect(reply).toMatchObject({ status: 'denied', message: expect.stringContaining('allow-same-origin') as string });
    expect([background.open, background.local.records, background.session.records]).toEqual([[], {}, {}]);
  });

  it('does not apply the permission of an origin to its frames in other sites’ pages', async () => {
    const background = await makeAllowed();
    await background.ask(siteDocument({ topOrigin: 'https://news.example' }));
    expect(background.open).toHaveLength(1);
    await background.answer('always');
    const key = `grant:${ORIGIN} https://news.example`;
    expect(background.local.records[key]).toMatchObject({ decision: 'allow' });
  });

  it('applies the block of an origin to its frames in every page', async () => {
    const background = new FakeBackground();
    background.local.records[`grant:${ORIGIN}`] = { decision: 'block', servers: [], decidedAt: 1 };
    background.local.records[`grant:${ORIGIN} https://news.example`] = { decision: 'allow', servers: [], decidedAt: 1 };
    const reply = await background.admission.admit(siteDocument({ topOrigin: 'https://news.example' }), peerStart());
    expect(reply).toMatchObject({ status: 'denied' });
  });

  it('follows an administrator’s decision, and names the administrator when denying', async () => {
    const background = new FakeBackground();
    background.managed.records = { defaultDecision: 'block', sites: [{ origin: `${ORIGIN}/`, decision: 'allow' }] };
    expect(await background.admission.admit(siteDocument(), peerStart())).toMatchObject({ status: 'admitted' });
    const elsewhere = siteDocument({ origin: 'https://elsewhere.example' });
    background.local.records['grant:https://elsewhere.example'] = { decision: 'allow', servers: [], decidedAt: 1 };
    const reply = await background.admission.admit(elsewhere, peerStart());
    expect(reply).toMatchObject({ status: 'denied', message: expect.stringContaining('administrator') as string });
  });

  it('reviews a document again if a decision was made before the host knew of the document', async () => {
    const background = await makeAllowed();
    const { ledger, log, prompts, enforcement, local } = background;
    const document = siteDocument();
    const admission = new AdmissionControl({
      ledger,
      log,
      prompts,
      enforcement,
      expect: async () => {
        local.records[`grant:${ORIGIN}`] = { decision: 'block', servers: [], decidedAt: 2 };
        await enforcement.review();
        background.attached.push({ document, servers: [], peerIds: [] });
      },
      createTicket: () => 'ticket',
      now: () => 42,
      tabInfo: async () => tabInFront(),
      hasUserActed: async () => false,
      onStoredForTab: () => undefined,
      diagnostics: new DiagnosticLog(() => 42).logger('admission'),
    });
    await admission.attach(document, peerStart(), MARKED, false);
    expect(background.verdicts).toMatchObject([
      [{ documentId: document.documentId, revoked: expect.any(String) as string }],
    ]);
  });

  it('asks about the PeerServer that will be used, and admits to that server', async () => {
    const background = await makeAllowed();
    const peerServer = { host: '192.168.1.7', port: 9000, path: '/', key: 'mine', secure: false };
    background.local.records.policy = { peerServer };
    const cloud = peerStart();
    const reply = background.admission.admit(siteDocument(), cloud);
    await vi.waitFor(() => expect(background.windows.opened).toHaveLength(1));
    const { promptId } = background.windows.opened[0]!;
    expect(await background.prompts.describe(promptId, undefined)).toMatchObject({
      server: { origin: 'ws://192.168.1.7:9000', label: '192.168.1.7:9000', isPrivate: true, isEncrypted: false },
    });
    await background.prompts.answer(promptId, 'always');
    expect(await reply).toMatchObject({ status: 'admitted', admission: { server: peerServer, isOwnServer: true } });
    const named = peerStart({ server: { ...cloud.server, host: 'page.example' } });
    expect(await background.admission.admit(siteDocument(), named)).toEqual({
      status: 'admitted',
      admission: admissionOf([], { server: { ...CLOUD_SERVER, host: 'page.example' } }),
    });
  });

  it('sends the host the conditions for connections: an administrator’s outweigh the site’s, the site’s outweigh the user’s', async () => {
    const background = await makeAllowed();
    const iceServers = [{ urls: ['turn:own.example'], username: 'me', credential: 'secret' }];
    const admitted = async () => {
      const reply = await background.admission.admit(siteDocument(), peerStart());
      return reply.status === 'admitted' ? reply.admission : undefined;
    };
    background.local.records.policy = { iceServers, iceServersMode: 'replace', relayedOnly: true };
    expect(await admitted()).toMatchObject({ iceServers, iceServersMode: 'replace', relayedOnly: true });
    background.local.records[`settings:${ORIGIN}`] = { relayedOnly: false };
    expect(await admitted()).toMatchObject({ relayedOnly: false });
    background.managed.records = { relayedOnly: true };
    expect(await admitted()).toMatchObject({ relayedOnly: true });
    background.managed.records = { relayedOnly: true, sites: [{ origin: ORIGIN, relayedOnly: false }] };
    expect(await admitted()).toMatchObject({ relayedOnly: false });
  });

  it('offers no saved ID and saves none if the user wants a new ID each time', async () => {
    const background = await makeAllowed();
    const identity = { id: 'a', secret: 'secret' };
    background.local.records[`identity:${ORIGIN}`] = { anonymous: [identity], named: [] };
    background.local.records[`settings:${ORIGIN}`] = { keepId: false };
    const reply = await background.admission.admit(siteDocument(), peerStart());
    expect(reply).toMatchObject({ admission: { identities: [] } });
    const fresh = { id: 'fresh', secret: 'secret' };
    await background.ledger.lease(siteDocument(), fresh, false, { tabId: 1, tabOrigin: ORIGIN });
    expect(background.local.records[`identity:${ORIGIN}`]).toEqual({ anonymous: [identity], named: [] });
    expect(background.session.records).toEqual({});
  });

  it('reports that the host cannot be started', async () => {
    const { ledger, log, prompts, enforcement } = await makeAllowed();
    const expectNobody = () => Promise.reject(new Error('no memory'));
    const admission = new AdmissionControl({
      ledger,
      log,
      prompts,
      enforcement,
      expect: expectNobody,
      createTicket: () => 'ticket',
      now: () => 42,
      tabInfo: async () => tabInFront(),
      hasUserActed: async () => false,
      onStoredForTab: () => undefined,
      diagnostics: new DiagnosticLog(() => 42).logger('admission'),
    });
    const reply = await admission.attach(siteDocument(), peerStart(), MARKED, false);
    expect(reply).toMatchObject({ status: 'failed', message: expect.stringContaining('no memory') as string });
  });

  it('asks about an unknown site, and admits it when the user allows it', async () => {
    const background = new FakeBackground();
    const { reply } = await background.ask(siteDocument());
    await background.answer('always');
    expect(await reply).toEqual({ status: 'admitted', admission: admissionOf() });
    expect(background.local.records[`grant:${ORIGIN}`]).toEqual({ decision: 'allow', servers: [], decidedAt: 42 });
  });

  it('asks an allowed site again about a private server, and names it', async () => {
    const background = await makeAllowed();
    const { reply } = await background.ask(siteDocument(), privateStart());
    const description = await background.prompts.describe('prompt-1', undefined);
    expect(description?.server).toEqual({
      origin: 'ws://192.168.1.20:9000',
      label: '192.168.1.20:9000',
      isPrivate: true,
      isEncrypted: false,
    });
    await background.answer('always');
    expect(await reply).toMatchObject({ status: 'admitted' });
    expect(background.local.records[`grant:${ORIGIN}`]).toMatchObject({ servers: ['ws://192.168.1.20:9000'] });
  });

  it('decides about the parsed server address, and admits to exactly that address', async () => {
    const background = await makeAllowed();
    const server = { host: 'Signal.EXAMPLE', port: '', path: '/a b/', key: 'peerjs', secure: true };
    expect(await background.admission.admit(siteDocument(), peerStart({ server }))).toMatchObject({
      status: 'admitted',
      admission: {
        server: { host: 'signal.example', port: 443, path: '/a%20b/', key: 'peerjs', secure: true },
        isOwnServer: false,
      },
    });
    const hidden = peerStart({ server: { ...server, host: '2130706433' } });
    await background.ask(siteDocument(), hidden);
    expect(await background.prompts.describe('prompt-1', undefined)).toMatchObject({
      server: { origin: 'wss://127.0.0.1', label: '127.0.0.1' },
    });
  });

  it('denies an invalid server address, whether the site is allowed or not, also if the user has configured a server', async () => {
    const attack = { host: '', port: '', path: '', secure: false, key: '@127.0.0.1:9222/json#' };
    for (const server of [attack, { ...CLOUD_SERVER, key: '../../any.json#' }, { ...CLOUD_SERVER, host: 'a@b' }]) {
      for (const background of [await makeAllowed(), new FakeBackground()]) {
        background.local.records.policy = { peerServer: { ...CLOUD_SERVER, host: '10.0.0.5' } };
        const reply = await background.admission.attach(siteDocument(), peerStart({ server }), MARKED, false);
        expect(reply).toMatchObject({ status: 'denied', errorType: 'server-error' });
        expect([background.expected, background.windows.opened]).toEqual([[], []]);
      }
    }
  });

  it('names the option that makes a server address invalid', async () => {
    const background = await makeAllowed();
    const server = { ...CLOUD_SERVER, path: '/../' };
    const reply = await background.admission.admit(siteDocument(), peerStart({ server }));
    expect(reply).toMatchObject({ message: expect.stringContaining('The option "path"') as string });
  });

  it('denies an https page an unencrypted server on the internet, without asking the user', async () => {
    const background = new FakeBackground();
    const start = peerStart({ server: { ...CLOUD_SERVER, host: 'signal.example', secure: false } });
    const reply = await background.admission.admit(siteDocument(), start);
    expect(reply).toMatchObject({
      status: 'denied',
      errorType: 'server-error',
      message: expect.stringContaining('secure: true') as string,
    });
    expect(background.windows.opened).toEqual([]);
  });

  it('uses the user’s own server as configured, even if it is unencrypted', async () => {
    const background = await makeAllowed();
    const peerServer = { ...CLOUD_SERVER, host: 'own.example', secure: false };
    background.local.records.policy = { peerServer };
    expect(await background.admission.admit(siteDocument(), peerStart())).toMatchObject({
      status: 'admitted',
      admission: { server: peerServer },
    });
  });

  it('asks again if the answer was about another server', async () => {
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

  it('offers the saved IDs of the origin', async () => {
    const background = await makeAllowed();
    const identity = { id: 'a', secret: 'secret' };
    background.local.records[`identity:${ORIGIN}`] = { anonymous: [identity], named: [] };
    const reply = await background.admission.admit(siteDocument(), peerStart());
    expect(reply).toEqual({ status: 'admitted', admission: admissionOf([identity]) });
  });

  it('passes on the call routing that the user has set for the origin', async () => {
    const background = await makeAllowed();
    const plain = await background.admission.admit(siteDocument(), peerStart());
    background.local.records[`settings:${ORIGIN}`] = { callRoute: 'direct' };
    const set = await background.admission.admit(siteDocument(), peerStart());
    expect([plain, set]).toEqual([
      { status: 'admitted', admission: admissionOf() },
      { status: 'admitted', admission: admissionOf([], { callRoute: 'direct' }) },
    ]);
    await background.admission.attach(siteDocument(), peerStart(), MARKED, false);
    expect(background.expected).toMatchObject([{ admission: { callRoute: 'direct' } }]);
  });
});
