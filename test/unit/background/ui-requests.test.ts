import { describe, expect, it } from 'vitest';
import { peerStart, privateStart, tabInFront } from '../../support/fakes/background';
import { CONDITIONS } from '../../support/fakes/hosted-world';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';
import { grant, makeBackground } from '../../support/fakes/ui-background';
import { tabSite } from '../../support/fakes/site-rows';

const TOP = 'https://news.example';
const to = 'background' as const;
const site = { origin: ORIGIN };
const isPrivate = false;
const SENTENCE = expect.any(String) as string;

describe('ui.tab', () => {
  it('shows the page’s own site even if nothing is stored about it', async () => {
    const { tabSites } = makeBackground();
    expect(await tabSites()).toEqual([tabSite()]);
  });

  it('shows the stored data about the site', async () => {
    const { tabSites } = makeBackground({
      [`grant:${ORIGIN}`]: grant('allow', ['wss://10.0.0.5:9000']),
      [`settings:${ORIGIN}`]: { calls: false },
      [`identity:${ORIGIN}`]: { anonymous: [{ id: 'own', secret: 's' }], named: [{ id: 'alice', secret: 's' }] },
    });
    expect(await tabSites()).toMatchObject([
      {
        decision: 'allow',
        decidedAt: 1,
        privateServers: ['wss://10.0.0.5:9000'],
        settings: { calls: false },
        identities: [
          { id: 'own', isNamed: false },
          { id: 'alice', isNamed: true },
        ],
      },
    ]);
  });

  it('shows embedded sites that have asked in this tab, after the page’s own, until the tab leaves', async () => {
    const { background, tabSites } = makeBackground();
    background.tabs.set(1, tabInFront({ url: `${TOP}/` }));
    await background.ask(siteDocument({ topOrigin: TOP }));
    expect(await tabSites()).toMatchObject([
      { origin: TOP, isWaiting: false },
      { origin: ORIGIN, topOrigin: TOP, isWaiting: true },
    ]);
    expect(background.keptForTabs).toEqual([1]);
    await background.ledger.tabs.tabShows(1, ORIGIN);
    background.tabs.set(1, tabInFront());
    expect(await tabSites()).toMatchObject([{ origin: ORIGIN }]);
  });

  it('reports a waiting prompt, and how many prompts were dismissed', async () => {
    const { background, tabSites } = makeBackground();
    for (let n = 0; n < 3; n++) {
      await background.ask(siteDocument());
      expect(await tabSites()).toMatchObject([{ isWaiting: true, dismissals: n, isMuted: false }]);
      await background.answer('dismiss');
    }
    expect(await tabSites()).toMatchObject([{ isWaiting: false, dismissals: 3, isMuted: true }]);
  });

  it('shows nothing for a tab that the extension cannot serve, or that is closed', async () => {
    const { background, tabSites } = makeBackground();
    background.tabs.set(1, tabInFront({ url: 'chrome://version/' }));
    expect(await tabSites(1)).toEqual([]);
    expect(await tabSites(99)).toEqual([]);
  });

  it('distinguishes an administrator’s settings from an administrator’s decision', async () => {
    const { background, tabSites } = makeBackground({ [`settings:${ORIGIN}`]: { data: false, calls: false } });
    background.managed.records = { sites: [{ origin: ORIGIN, calls: true }] };
    expect(await tabSites()).toMatchObject([
      { settings: { data: false, calls: true }, managedSettings: ['calls'], isManaged: false },
    ]);
    background.managed.records = { sites: [{ origin: ORIGIN, decision: 'allow' }] };
    expect(await tabSites()).toMatchObject([{ managedSettings: [], isManaged: true }]);
  });

  it('shows whether connections survive a reload: the site’s setting, else the policy', async () => {
    const { background, tabSites } = makeBackground({ policy: { keepConnections: true } });
    expect(await tabSites()).toMatchObject([{ inEffect: { keepConnections: true }, settings: {} }]);
    background.local.records[`settings:${ORIGIN}`] = { keepId: false };
    expect(await tabSites()).toMatchObject([{ inEffect: { keepConnections: false, keepId: false } }]);
    background.local.records[`settings:${ORIGIN}`] = { keepConnections: false };
    expect(await tabSites()).toMatchObject([{ inEffect: { keepConnections: false } }]);
  });

  it('keeps a private window separate', async () => {
    const { background, tabSites } = makeBackground({ [`grant:${ORIGIN}`]: grant('allow') });
    background.tabs.set(1, tabInFront({ url: `${ORIGIN}/`, isPrivate: true }));
    expect(await tabSites()).toMatchObject([{ isPrivate: true, decision: 'ask' }]);
  });
});

describe('ui.sites', () => {
  it('lists every site with stored data, an embedded site’s IDs in its own row', async () => {
    const { ui } = makeBackground({
      [`grant:${ORIGIN}`]: grant('block'),
      [`grant:${ORIGIN} ${TOP}`]: grant('allow'),
      [`identity:${ORIGIN}`]: { anonymous: [{ id: 'own', secret: 's' }], named: [] },
      [`identity:${ORIGIN} ${TOP}`]: { anonymous: [{ id: 'embedded', secret: 's' }], named: [] },
      [`identity:https://ids.example`]: { anonymous: [{ id: 'x', secret: 's' }], named: [] },
      [`settings:https://set.example`]: { keepId: false },
      policy: { defaultDecision: 'allow' },
      log: [],
    });
    expect(await ui['ui.sites']()).toMatchObject([
      { origin: ORIGIN, decision: 'block', identities: [{ id: 'own', isNamed: false }] },
      {
        origin: ORIGIN,
        topOrigin: TOP,
        decision: 'block',
        isBlockedEverywhere: true,
        identities: [{ id: 'embedded', isNamed: false }],
      },
      { origin: 'https://ids.example', decision: 'allow', identities: [{ id: 'x', isNamed: false }] },
      { origin: 'https://set.example', settings: { keepId: false }, inEffect: { keepId: false } },
    ]);
  });
});

describe('ui.decide', () => {
  it('blocks a site: its connections in all tabs end before the reply, those of other sites continue', async () => {
    const { background, ui, attach } = makeBackground({
      [`grant:${ORIGIN}`]: grant('allow'),
      [`grant:${TOP}`]: grant('allow'),
    });
    const own = [attach(siteDocument({ tabId: 1 })), attach(siteDocument({ tabId: 2 }))];
    const other = attach(siteDocument({ origin: TOP }));
    await ui['ui.decide']({ to, type: 'ui.decide', site, isPrivate, decision: 'block' });
    expect(background.verdicts).toEqual([
      [
        { documentId: own[0], revoked: expect.stringContaining('blocked') as string },
        { documentId: own[1], revoked: expect.stringContaining('blocked') as string },
        { documentId: other, conditions: CONDITIONS },
      ],
    ]);
    expect(background.local.records[`grant:${ORIGIN}`]).toEqual({ decision: 'block', servers: [], decidedAt: 42 });
  });

  it('resets a site to “ask”: its connections end, and its private servers are forgotten', async () => {
    const { background, ui, attach } = makeBackground({ [`grant:${ORIGIN}`]: grant('allow', ['wss://10.0.0.5:9000']) });
    const documentId = attach(siteDocument());
    await ui['ui.decide']({ to, type: 'ui.decide', site, isPrivate, decision: 'ask' });
    const revoked = expect.stringContaining('has been withdrawn') as string;
    expect(background.verdicts).toEqual([[{ documentId, revoked }]]);
    await ui['ui.decide']({ to, type: 'ui.decide', site, isPrivate, decision: 'allow' });
    expect(background.local.records[`grant:${ORIGIN}`]).toMatchObject({ decision: 'allow', servers: [] });
  });

  it('ends a permission for this time, also where the site is embedded', async () => {
    const { background, ui, attach } = makeBackground();
    const frame = siteDocument({ topOrigin: TOP, tabId: 2 });
    await background.ledger.tabs.allowOnce(siteDocument().site, [{ tabId: 1, tabOrigin: ORIGIN }]);
    await background.ledger.tabs.allowOnce(frame.site, [{ tabId: 2, tabOrigin: TOP }]);
    attach(siteDocument());
    attach(frame);
    await ui['ui.decide']({ to, type: 'ui.decide', site, isPrivate, decision: 'block' });
    expect(background.verdicts[0]).toMatchObject([{ revoked: SENTENCE }, { revoked: SENTENCE }]);
  });

  it('does not affect the origin’s own pages when it decides about an embedded site', async () => {
    const { background, ui, attach } = makeBackground({ [`grant:${ORIGIN}`]: grant('allow') });
    attach(siteDocument());
    await ui['ui.decide']({ to, type: 'ui.decide', site: { ...site, topOrigin: TOP }, isPrivate, decision: 'block' });
    expect(background.verdicts).toMatchObject([[{ conditions: CONDITIONS }]]);
  });

  it('answers documents that wait for a prompt, and closes the prompt', async () => {
    const { background, ui } = makeBackground();
    const { reply } = await background.ask(siteDocument());
    await ui['ui.decide']({ to, type: 'ui.decide', site, isPrivate, decision: 'allow' });
    expect(await reply).toMatchObject({ status: 'admitted' });
    expect(background.open).toEqual([]);
  });

  it('lets the site ask again after three dismissals', async () => {
    const { background, ui } = makeBackground();
    for (let n = 0; n < 3; n++) {
      await background.ask(siteDocument());
      await background.answer('dismiss');
    }
    const muted = await background.ask(siteDocument());
    expect(await muted.reply).toMatchObject({
      status: 'denied',
      message: expect.stringContaining('no longer asks') as string,
    });
    await ui['ui.decide']({ to, type: 'ui.decide', site, isPrivate, decision: 'ask' });
    await background.ask(siteDocument());
    expect(background.open).toHaveLength(1);
  });

  it('writes nothing about a private window to the permanent store or the log', async () => {
    const { background, ui, what } = makeBackground();
    background.tabs.set(1, tabInFront({ url: `${ORIGIN}/`, isPrivate: true }));
    const { reply } = await background.ask(siteDocument({ isPrivate: true }));
    await background.answer('dismiss');
    await reply;
    await ui['ui.decide']({ to, type: 'ui.decide', site, isPrivate: true, decision: 'allow' });
    await ui['ui.changeSettings']({ to, type: 'ui.changeSettings', site, isPrivate: true, change: { data: false } });
    await ui['ui.allowForTab']({ to, type: 'ui.allowForTab', site, isPrivate: true, tabId: 1 });
    expect(background.local.records).toEqual({});
    expect(await what()).toEqual([]);
    expect(await ui['ui.sites']()).toEqual([]);
    expect(JSON.parse(await ui['ui.export']())).toMatchObject({ sites: [], log: [] });
    await ui['ui.forgetSite']({ to, type: 'ui.forgetSite', site, isPrivate: true });
    expect(background.local.records).toEqual({});
  });

  it('does not change an administrator’s decision', async () => {
    const { background, ui } = makeBackground();
    background.managed.records = { sites: [{ origin: ORIGIN, decision: 'allow' }] };
    const request = { to, type: 'ui.decide' as const, site, isPrivate, decision: 'block' as const };
    await expect(ui['ui.decide'](request)).rejects.toThrow('administrator');
    expect(background.local.records).toEqual({});
  });
});

describe('ui.allowForTab', () => {
  const request = { to, type: 'ui.allowForTab' as const, site, isPrivate, tabId: 1 };

  it('allows a blocked site only in this tab, until the tab leaves the site', async () => {
    const { background, ui, tabSites } = makeBackground({ [`grant:${ORIGIN}`]: grant('block') });
    await ui['ui.allowForTab'](request);
    expect(await tabSites(1)).toMatchObject([{ decision: 'block', isAllowedForTab: true }]);
    expect(await background.admission.admit(siteDocument({ tabId: 1 }), peerStart())).toMatchObject({
      status: 'admitted',
    });
    expect(await background.admission.admit(siteDocument({ tabId: 2 }), peerStart())).toMatchObject({
      status: 'denied',
    });
    await background.ledger.tabs.tabShows(1, TOP);
    expect(await tabSites(1)).toMatchObject([{ isAllowedForTab: false }]);
  });

  it('is refused if the tab has navigated away meanwhile', async () => {
    const { background, ui } = makeBackground();
    background.tabs.set(1, tabInFront({ url: `${TOP}/` }));
    await expect(ui['ui.allowForTab'](request)).rejects.toThrow('no longer shows');
    expect(background.session.records).toEqual({});
  });
});

describe('ui.changeSettings', () => {
  const request = { to, type: 'ui.changeSettings' as const, site, isPrivate };

  it('changes only the given settings, and applies them to live connections', async () => {
    const { background, ui, attach } = makeBackground({
      [`grant:${ORIGIN}`]: grant('allow'),
      [`settings:${ORIGIN}`]: { callRoute: 'direct' },
    });
    const documentId = attach(siteDocument());
    await ui['ui.changeSettings']({ ...request, change: { data: false } });
    expect(background.local.records[`settings:${ORIGIN}`]).toEqual({ callRoute: 'direct', data: false });
    const conditions = { ...CONDITIONS, callRoute: 'direct', allows: { data: false, calls: true } };
    expect(background.verdicts).toEqual([[{ documentId, conditions }]]);
  });

  it('stores no empty record', async () => {
    const { background, ui } = makeBackground({ [`settings:${ORIGIN}`]: { keepId: false } });
    await ui['ui.changeSettings']({ ...request, change: { keepId: null } });
    expect(background.local.records).not.toHaveProperty([`settings:${ORIGIN}`]);
  });

  it('loses neither of two simultaneous changes', async () => {
    const { background, ui } = makeBackground();
    await Promise.all([
      ui['ui.changeSettings']({ ...request, change: { calls: false } }),
      ui['ui.changeSettings']({ ...request, change: { keepId: false } }),
    ]);
    expect(background.local.records[`settings:${ORIGIN}`]).toEqual({ calls: false, keepId: false });
  });

  it('does not store an administrator’s settings as the user’s', async () => {
    const { background, ui } = makeBackground();
    background.managed.records = { sites: [{ origin: ORIGIN, relayedOnly: true }] };
    await ui['ui.changeSettings']({ ...request, change: { calls: false } });
    expect(background.local.records[`settings:${ORIGIN}`]).toEqual({ calls: false });
  });

  it.each([{ calls: true }, { calls: null }, { data: false, calls: true }])(
    'refuses %j if an administrator has set one of them',
    async (change) => {
      const { background, ui } = makeBackground();
      background.managed.records = { sites: [{ origin: ORIGIN, calls: false }] };
      const refusal = ui['ui.changeSettings']({ ...request, change });
      await expect(refusal).rejects.toThrow(`calls: set by an administrator for ${ORIGIN}`);
      expect(background.local.records).toEqual({});
    },
  );

  it('refuses a setting that an administrator has set for the embedded site, and only where it is embedded', async () => {
    const { background, ui } = makeBackground();
    background.managed.records = { sites: [{ origin: ORIGIN, topOrigin: TOP, data: false }] };
    const change = { data: true };
    const embedded = { ...site, topOrigin: TOP };
    await expect(ui['ui.changeSettings']({ ...request, site: embedded, change })).rejects.toThrow('data: ');
    await ui['ui.changeSettings']({ ...request, change });
    expect(background.local.records[`settings:${ORIGIN}`]).toEqual(change);
  });

  it('refuses a setting that an administrator’s policy fixes for all sites', async () => {
    const { background, ui } = makeBackground();
    background.managed.records = { relayedOnly: true };
    const refusal = ui['ui.changeSettings']({ ...request, change: { relayedOnly: false } });
    await expect(refusal).rejects.toThrow('relayedOnly: set by an administrator');
  });
});

describe('ui.policy and ui.changePolicy', () => {
  it('change the rules for undecided sites at once', async () => {
    const { background, ui, attach } = makeBackground({ policy: { defaultDecision: 'allow' } });
    const documentId = attach(siteDocument());
    await ui['ui.changePolicy']({ to, type: 'ui.changePolicy', change: { defaultDecision: null } });
    expect(await ui['ui.policy']()).toMatchObject({ policy: { defaultDecision: 'ask' }, managed: [] });
    expect(background.verdicts).toEqual([[{ documentId, revoked: SENTENCE }]]);
  });

  it('apply new limits at once', async () => {
    const { background, ui, attach } = makeBackground({ [`grant:${ORIGIN}`]: grant('allow') });
    const documentId = attach(siteDocument());
    const limits = { peers: 1, connections: 2, queuedBytes: 3 };
    await ui['ui.changePolicy']({ to, type: 'ui.changePolicy', change: { limits } });
    expect(background.verdicts).toEqual([[{ documentId, conditions: { ...CONDITIONS, limits } }]]);
  });

  it('refuse an invalid policy without changing anything', async () => {
    const { background, ui } = makeBackground();
    const change = { defaultDecision: 'allow' as const, iceServers: [{ urls: ['https://no-relay.example'] }] };
    const request = { to, type: 'ui.changePolicy' as const, change };
    await expect(ui['ui.changePolicy'](request)).rejects.toThrow('iceServers.0.urls.0: must begin with stun:');
    expect(background.local.records).toEqual({});
  });

  it('name the settings that an administrator has set, and refuse to change them', async () => {
    const { background, ui } = makeBackground({ policy: { relayedOnly: false } });
    background.managed.records = { relayedOnly: true, limits: 'none' };
    expect(await ui['ui.policy']()).toMatchObject({ policy: { relayedOnly: true }, managed: ['relayedOnly'] });
    const request = { to, type: 'ui.changePolicy' as const, change: { relayedOnly: false } };
    await expect(ui['ui.changePolicy'](request)).rejects.toThrow('administrator');
  });
});

describe('ui.log', () => {
  it('lists requests and decisions, newest first', async () => {
    const { background, ui, what } = makeBackground();
    await background.ask(siteDocument(), privateStart());
    await background.answer('always');
    await ui['ui.changeSettings']({ to, type: 'ui.changeSettings', site, isPrivate, change: { calls: false } });
    await ui['ui.decide']({ to, type: 'ui.decide', site, isPrivate, decision: 'block' });
    expect(await what()).toEqual(['blocked', 'changed', 'allowed', 'asked']);
    const asked = (await ui['ui.log']()).at(-1);
    expect(asked).toEqual({ origin: ORIGIN, at: 42, what: 'asked', server: '192.168.1.20:9000' });
  });

  it('records that the user is no longer asked about a site', async () => {
    const { background, what } = makeBackground();
    for (let n = 0; n < 3; n++) {
      await background.ask(siteDocument());
      await background.answer('dismiss');
    }
    expect(await what()).toEqual(['muted', 'dismissed', 'asked', 'dismissed', 'asked', 'dismissed', 'asked']);
  });
});
