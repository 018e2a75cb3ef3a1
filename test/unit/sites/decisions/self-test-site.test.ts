import { describe, expect, it } from 'vitest';
import { decide } from '../../../../src/sites/decisions/grant';
import { nameServer } from '../../../../src/sites/servers/named-server';
import { isSelfTestSite } from '../../../../src/sites/decisions/self-test-site';
import { SiteLedger } from '../../../../src/sites/site-ledger';
import { WriteQueue } from '../../../../src/sites/records/write-queue';
import type { SiteDocument } from '../../../../src/protocol/control-messages';
import { CLOUD_SERVER } from '../../../../src/protocol/peer-server';
import { MemoryStore } from '../../../support/fakes/memory-store';
import { siteDocument } from '../../../support/fakes/site-documents';

const ORIGIN = 'chrome-extension://peerport-id';
const PEER_SERVER = { host: '127.0.0.1', port: 9000, path: '/', secure: false, key: 'peerjs' };

function makeLedger() {
  const local = new MemoryStore();
  const session = new MemoryStore();
  return {
    ledger: new SiteLedger({ local, session, managed: new MemoryStore() }, () => 42, new WriteQueue()),
    local,
    session,
  };
}

function ownDocument(): SiteDocument {
  const document = siteDocument();
  return { ...document, site: { ...document.site, origin: ORIGIN } };
}

describe('the extension’s own site', () => {
  it('is neither a web site nor a document without an origin', () => {
    expect(isSelfTestSite({ origin: ORIGIN })).toBe(true);
    expect(isSelfTestSite({ origin: 'https://chrome-extension.example' })).toBe(false);
    expect(isSelfTestSite({ origin: `null:${ORIGIN}` })).toBe(false);
  });

  it('is allowed whatever the policy is, with the user’s own local PeerServer and no other', async () => {
    const { ledger, local } = makeLedger();
    const document = ownDocument();
    local.records.policy = { defaultDecision: 'block', peerServer: PEER_SERVER };
    const view = await ledger.view(document);
    expect(decide(view, document.site, nameServer(PEER_SERVER))).toBe('allow');
    expect(decide(view, document.site, nameServer(CLOUD_SERVER))).toBe('allow');
    expect(decide(view, document.site, nameServer({ ...PEER_SERVER, host: '10.0.0.5' }))).toBe('ask');
  });

  it('leaves no record', async () => {
    const { ledger, local, session } = makeLedger();
    const document = ownDocument();
    const shown = { tabId: document.tabId, tabOrigin: ORIGIN };
    await ledger.lease(document, { id: 'a', secret: 'secret' }, false, shown);
    expect({ ...local.records, ...session.records }).toEqual({});
    await ledger.lease(siteDocument(), { id: 'a', secret: 'secret' }, false, shown);
    expect({ ...local.records, ...session.records }).not.toEqual({});
  });
});
