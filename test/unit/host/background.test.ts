import { describe, expect, it, vi } from 'vitest';
import { Background } from '../../../extension/host/background';
import { DiagnosticLog } from '../../../src/diagnostics/diagnostic-log';
import { peerStart } from '../../support/fakes/page-messages';
import { settled } from '../../support/fakes/settled';
import { siteDocument } from '../../support/fakes/site-documents';

const document = siteDocument();
const identity = { id: 'mine', secret: '0'.repeat(32) };
const lease = { to: 'background', type: 'identity.leased', document, identity, named: true };

/** A background that does not answer the first `losses` messages. */
function makeBackground(losses: number) {
  let toLose = losses;
  const send = vi.fn(async (_message: unknown): Promise<unknown> => {
    if (toLose-- > 0) throw new Error('The background has stopped.');
    return true;
  });
  const log = new DiagnosticLog(Date.now);
  return {
    background: new Background(send, log.logger('host')),
    log,
    sent: () => send.mock.calls.map(([message]) => message),
  };
}

describe('report of a lease', () => {
  it('is sent once if the background answers', async () => {
    const { background, sent } = makeBackground(0);
    background.leased(document, identity, true);
    await settled();
    expect(sent()).toEqual([lease]);
  });

  it('is repeated once if the background has stopped in between', async () => {
    const { background, sent } = makeBackground(1);
    background.leased(document, identity, true);
    await settled();
    expect(sent()).toEqual([lease, lease]);
  });

  it('is given up after the second try, with an entry in the log', async () => {
    const { background, log, sent } = makeBackground(2);
    background.leased(document, identity, true);
    await settled();
    expect(sent()).toEqual([lease, lease]);
    const fields = { request: 'identity.leased', error: 'Error' };
    expect(log.read().entries).toMatchObject([{ level: 'warn', key: 'not-reported', fields }]);
  });
});

describe('other reports to the background', () => {
  it('are sent once, and a lost one only gets an entry in the log', async () => {
    const { background, log, sent } = makeBackground(3);
    background.reportIdle();
    background.reportConnections([{ tabId: 1, count: 2 }]);
    background.reportParked(document);
    await settled();
    expect(sent()).toEqual([
      { to: 'background', type: 'host.idle' },
      { to: 'background', type: 'host.connections', tabs: [{ tabId: 1, count: 2 }] },
      { to: 'background', type: 'host.parked', document },
    ]);
    const reported = log.read().entries.map(({ fields }) => fields.request);
    expect(reported).toEqual(['host.idle', 'host.connections', 'host.parked']);
  });
});

describe('request for an admission', () => {
  it('returns the background’s reply', async () => {
    const { background, sent } = makeBackground(0);
    expect(await background.admit(document, peerStart())).toBe(true);
    expect(sent()).toEqual([{ to: 'background', type: 'admit', document, start: peerStart() }]);
  });

  it('rejects if the background does not answer', async () => {
    const { background } = makeBackground(1);
    await expect(background.admit(document, peerStart())).rejects.toThrow('stopped');
  });
});
